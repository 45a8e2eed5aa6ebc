package dev.warren.node.control;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Lines of bytes with a longest length; an endless line ends the stream, not the memory. */
final class LineReader {
    private final InputStream in;
    private final int maxBytes;
    private final byte[] buffer = new byte[16 * 1024];
    private int position;
    private int filled;

    LineReader(InputStream in, int maxBytes) {
        this.in = in;
        this.maxBytes = maxBytes;
    }

    /** The next line without its end, or null at the end of the stream; an unfinished last line is dropped. */
    byte @Nullable [] next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            for (int i = position; i < filled; i++) {
                if (buffer[i] == '\n') {
                    line.write(buffer, position, i - position);
                    position = i + 1;
                    return line.toByteArray();
                }
            }
            line.write(buffer, position, filled - position);
            if (line.size() > maxBytes) {
                throw new IOException("the coordinator sent a line longer than " + maxBytes + " bytes");
            }
            position = 0;
            filled = in.read(buffer);
            if (filled < 0) {
                filled = 0;
                return null;
            }
        }
    }
}
