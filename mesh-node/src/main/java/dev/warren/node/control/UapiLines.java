package dev.warren.node.control;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a UAPI connection. One that is too long is skipped without being kept, and refused; so the answer to the
 * request that it is in still goes out, and the next request is read from its beginning.
 */
final class UapiLines {
    /** The longest line is an allowed_ip or a key; this is far beyond both. */
    private static final int MAX_LINE_BYTES = 4096;

    private final InputStream in;

    UapiLines(InputStream in) {
        this.in = in;
    }

    /**
     * The next line without its end; null when the other side has closed. Refuses a line that is too long with EINVAL,
     * and one that the other side broke off with EPROTO.
     */
    @Nullable
    String next() throws IOException, UapiException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(80);
        boolean tooLong = false;
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                if (line.size() == 0) {
                    return null;
                }
                throw new UapiException(UapiErrno.EPROTO, "the last line has no end");
            }
            tooLong = tooLong || line.size() == MAX_LINE_BYTES;
            if (!tooLong) {
                line.write(next);
            }
        }
        if (tooLong) {
            throw new UapiException(UapiErrno.EINVAL, "a line is longer than " + MAX_LINE_BYTES + " bytes");
        }
        return line.toString(US_ASCII);
    }
}
