package dev.warren.node.tunnel;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.warren.platform.linux.UdpSocket;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/** Sockets of UDP-Lite (RFC 3828), which look like UDP's, but of which the kernel takes no trains: it says EIO. */
final class UdpLite {
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int IPPROTO_UDPLITE = 136;

    private UdpLite() {}

    /** Puts one, of this thread's namespace, in the place of {@code socket}. */
    static void replace(UdpSocket socket) {
        try {
            int lite = (int) function("socket", 3).invokeExact(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_UDPLITE);
            int replaced = (int) function("dup2", 2).invokeExact(lite, socket.descriptor());
            int closed = (int) function("close", 1).invokeExact(lite);
            if (lite < 0 || replaced < 0 || closed < 0) {
                throw new IllegalStateException("the kernel has no UDP-Lite");
            }
        } catch (RuntimeException | Error failed) {
            throw failed;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static MethodHandle function(String name, int arguments) {
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor form = FunctionDescriptor.of(JAVA_INT);
        for (int i = 0; i < arguments; i++) {
            form = form.appendArgumentLayouts(JAVA_INT);
        }
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), form);
    }
}
