package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.O_CLOEXEC;
import static dev.warren.platform.linux.Constants.O_RDWR;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** What a process that goes to the background does with the descriptors that it got from whoever started it. */
public final class StandardStreams {
    private static final int LAST_STANDARD = 2;

    private StandardStreams() {}

    /**
     * Points standard input, output and error to {@code /dev/null}, so that whoever reads the other end of them is not
     * kept waiting by a process that stays.
     */
    public static void toDevNull() throws LinuxException {
        int opened = Libc.open("/dev/null", O_RDWR | O_CLOEXEC);
        if (opened < 0) {
            throw new LinuxException("Cannot open /dev/null: " + Errno.describe(-opened) + ".", -opened);
        }
        for (int standard = 0; standard <= LAST_STANDARD; standard++) {
            Libc.dup2(opened, standard);
        }
        Libc.close(opened);
    }

    /** Writes {@code text} to the inherited {@code descriptor} and closes it. */
    public static void tellAndClose(int descriptor, String text) throws LinuxException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            int written = Libc.write(descriptor, memory, bytes.length);
            Libc.close(descriptor);
            if (written < 0) {
                throw new LinuxException(
                        "Cannot write to the descriptor " + descriptor + ": " + Errno.describe(-written) + ".",
                        -written);
            }
        }
    }
}
