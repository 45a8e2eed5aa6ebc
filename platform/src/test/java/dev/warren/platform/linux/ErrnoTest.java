package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ErrnoTest {
    @Test
    void shouldGiveNameAndText() {
        assertEquals("EPERM, operation not permitted", Errno.describe(1));
        assertEquals(Errno.ENETUNREACH, Errno.of(101));
        assertEquals("EISDIR, is a folder", Errno.describe(-Libc.open("/", Constants.O_RDWR)));
        assertEquals("ENOTTY, not a device of that kind", Errno.describe(25));
    }

    @Test
    void shouldGiveTheNumberWhereThereIsNoName() {
        assertNull(Errno.of(133));
        assertEquals("errno 133", Errno.describe(133));
    }

    @Test
    void shouldNotUseANumberTwice() {
        long distinct =
                Arrays.stream(Errno.values()).mapToInt(Errno::number).distinct().count();
        assertEquals(Errno.values().length, distinct);
    }

    @Test
    void shouldCaptureTheNumberOfARefusedCall() {
        assertEquals(-Errno.ENOENT.number(), Libc.open("/no/such/file", Constants.O_RDONLY));
        assertEquals(-Errno.EBADF.number(), Libc.close(-1));
    }

    @Test
    void shouldSayWhatWasTriedAndWhyItFailed() {
        LinuxException thrown = assertThrows(
                LinuxException.class, () -> LinuxException.check(-Errno.EINVAL.number(), "do this or that"));
        assertEquals("Cannot do this or that: EINVAL, invalid argument.", thrown.getMessage());
        assertTrue(thrown.is(Errno.EINVAL));
        assertFalse(thrown.is(Errno.EPERM));
        assertEquals(22, thrown.errno());
    }

    @Test
    void shouldPassAResultThrough() throws LinuxException {
        assertEquals(7, LinuxException.check(7, "count"));
    }
}
