package dev.warren.platform.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;

/**
 * The one place with downcalls. Every function answers as a Linux system call does: the result, or the negated error
 * number. None of them is linked as critical, so a blocking call never holds up the garbage collector; the clock is the
 * exception, it neither blocks nor enters the kernel.
 */
final class Libc {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE_LAYOUT = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE_LAYOUT.varHandle(PathElement.groupElement("errno"));
    private static final ThreadLocal<MemorySegment> STATE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE_LAYOUT));

    /**
     * Every function is called with five 64-bit arguments and asked for a 64-bit result, as in {@code crypto.Libcrypto}: to
     * link one more form costs the start about ten milliseconds, and 27 forms cost it 110. The calling
     * conventions of 64-bit Linux allow it, for variadic functions too: arguments that a function has not are not seen,
     * and of an int only the lower half counts, in a result too. So memory is passed as its address, and is kept
     * reachable by a fence behind the call.
     */
    private static final FunctionDescriptor FORM =
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private static final MethodHandle BIND = capturing("bind");
    private static final MethodHandle CLOCK_GETTIME = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("clock_gettime"),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS),
            Linker.Option.critical(false));
    private static final MethodHandle CLOSE = capturing("close");
    private static final MethodHandle CONNECT = capturing("connect");
    private static final MethodHandle DUP2 = capturing("dup2");
    private static final MethodHandle EPOLL_CREATE1 = capturing("epoll_create1");
    private static final MethodHandle EPOLL_CTL = capturing("epoll_ctl");
    private static final MethodHandle EPOLL_WAIT = capturing("epoll_wait");
    private static final MethodHandle EVENTFD = capturing("eventfd");
    private static final MethodHandle FCNTL = capturing("fcntl");
    private static final MethodHandle FREEADDRINFO = bare("freeaddrinfo");
    private static final MethodHandle GETADDRINFO = bare("getaddrinfo");
    private static final MethodHandle GETSOCKNAME = capturing("getsockname");
    private static final MethodHandle GETSOCKOPT = capturing("getsockopt");
    private static final MethodHandle IOCTL = capturing("ioctl");
    private static final MethodHandle OPEN = capturing("open");
    private static final MethodHandle PRCTL = capturing("prctl");
    private static final MethodHandle READ = capturing("read");
    private static final MethodHandle READ_BARE = bare("read");
    private static final MethodHandle RECV = capturing("recv");
    private static final MethodHandle RECVMMSG = capturing("recvmmsg");
    private static final MethodHandle RECVMMSG_BARE = bare("recvmmsg");
    private static final MethodHandle SEND = capturing("send");
    private static final MethodHandle SENDMMSG = capturing("sendmmsg");
    private static final MethodHandle SENDMMSG_BARE = bare("sendmmsg");
    private static final MethodHandle SETNS = capturing("setns");
    private static final MethodHandle SETPRIORITY = capturing("setpriority");
    private static final MethodHandle SETSOCKOPT = capturing("setsockopt");
    private static final MethodHandle SIGNAL = capturing("signal");
    private static final MethodHandle SOCKET = capturing("socket");
    private static final MethodHandle SYSCALL = capturing("syscall");
    private static final MethodHandle TIMERFD_CREATE = capturing("timerfd_create");
    private static final MethodHandle TIMERFD_SETTIME = capturing("timerfd_settime");
    private static final MethodHandle UNSHARE = capturing("unshare");
    private static final MethodHandle WRITE = capturing("write");
    private static final MethodHandle WRITE_BARE = bare("write");
    private static final MethodHandle WRITEV = capturing("writev");
    private static final MethodHandle WRITEV_BARE = bare("writev");

    private Libc() {}

    static int bind(int fd, MemorySegment address, int length) {
        try {
            return call(BIND, fd, address.address(), length, 0, 0);
        } finally {
            Reference.reachabilityFence(address);
        }
    }

    static void clockGettime(int clock, MemorySegment timespec) {
        try {
            int _ = (int) CLOCK_GETTIME.invokeExact(clock, timespec);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int close(int fd) {
        return call(CLOSE, fd, 0, 0, 0, 0);
    }

    static int connect(int fd, MemorySegment address, int length) {
        try {
            return call(CONNECT, fd, address.address(), length, 0, 0);
        } finally {
            Reference.reachabilityFence(address);
        }
    }

    static int dup2(int from, int to) {
        return call(DUP2, from, to, 0, 0, 0);
    }

    static int epollCreate(int flags) {
        return call(EPOLL_CREATE1, flags, 0, 0, 0, 0);
    }

    static int epollControl(int epoll, int operation, int fd, MemorySegment event) {
        try {
            return call(EPOLL_CTL, epoll, operation, fd, event.address(), 0);
        } finally {
            Reference.reachabilityFence(event);
        }
    }

    static int epollWait(int epoll, MemorySegment events, int maxEvents, int timeoutMillis) {
        try {
            MemorySegment state = STATE.get();
            return result(
                    (int) (long) EPOLL_WAIT.invokeExact(
                            state, (long) epoll, events.address(), (long) maxEvents, (long) timeoutMillis, 0L),
                    state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        } finally {
            Reference.reachabilityFence(events);
        }
    }

    static int eventfd(int initial, int flags) {
        return call(EVENTFD, initial, flags, 0, 0, 0);
    }

    static int fcntl(int fd, int command, int value) {
        return call(FCNTL, fd, command, value, 0, 0);
    }

    /** Unlike all others it answers with its own number of the failure, an EAI_ of netdb.h; 0 for success. May wait. */
    static int getaddrinfo(MemorySegment host, MemorySegment hints, MemorySegment result) {
        try {
            return (int) (long) GETADDRINFO.invokeExact(host.address(), 0L, hints.address(), result.address(), 0L);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        } finally {
            Reference.reachabilityFence(host);
            Reference.reachabilityFence(hints);
            Reference.reachabilityFence(result);
        }
    }

    static void freeaddrinfo(MemorySegment result) {
        try {
            long _ = (long) FREEADDRINFO.invokeExact(result.address(), 0L, 0L, 0L, 0L);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int getsockname(int fd, MemorySegment address, MemorySegment length) {
        try {
            return call(GETSOCKNAME, fd, address.address(), length.address(), 0, 0);
        } finally {
            Reference.reachabilityFence(address);
            Reference.reachabilityFence(length);
        }
    }

    static int getsockopt(int fd, int level, int name, MemorySegment value, MemorySegment length) {
        try {
            return call(GETSOCKOPT, fd, level, name, value.address(), length.address());
        } finally {
            Reference.reachabilityFence(value);
            Reference.reachabilityFence(length);
        }
    }

    static int ioctl(int fd, long request, MemorySegment argument) {
        try {
            return call(IOCTL, fd, request, argument.address(), 0, 0);
        } finally {
            Reference.reachabilityFence(argument);
        }
    }

    static int open(String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return call(OPEN, arena.allocateFrom(path).address(), flags, 0, 0, 0);
        }
    }

    static int prctl(int option, long value) {
        return call(PRCTL, option, value, 0, 0, 0);
    }

    static int read(int fd, MemorySegment target, long bytes) {
        try {
            MemorySegment state = STATE.get();
            return result((int) (long) READ.invokeExact(state, (long) fd, target.address(), bytes, 0L, 0L), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        } finally {
            Reference.reachabilityFence(target);
        }
    }

    /**
     * As {@link #read}, into native memory at an address: a failed call is made once more, as in {@link
     * #recvmmsgAgain}, and nothing here is an object. Who calls keeps the memory reachable.
     */
    static int readAgain(int fd, long target, long bytes) {
        try {
            int count = (int) (long) READ_BARE.invokeExact((long) fd, target, bytes, 0L, 0L);
            return count >= 0 ? count : read(fd, MemorySegment.ofAddress(target), bytes);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int receive(int fd, MemorySegment target, long bytes, int flags) {
        try {
            return call(RECV, fd, target.address(), bytes, flags, 0);
        } finally {
            Reference.reachabilityFence(target);
        }
    }

    static int recvmmsg(int fd, MemorySegment messages, int count, int flags) {
        try {
            MemorySegment state = STATE.get();
            return result(
                    (int) (long)
                            RECVMMSG.invokeExact(state, (long) fd, messages.address(), (long) count, (long) flags, 0L),
                    state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        } finally {
            Reference.reachabilityFence(messages);
        }
    }

    /**
     * As {@link #recvmmsg}, for sockets that keep no error for the next call: a failed call is made once more to learn
     * why, without waiting. So the many that succeed need no room for an error number, a slice of which is an object
     * for each call.
     */
    static int recvmmsgAgain(int fd, MemorySegment messages, int count, int flags) {
        try {
            int received = (int)
                    (long) RECVMMSG_BARE.invokeExact((long) fd, messages.address(), (long) count, (long) flags, 0L);
            return received >= 0 ? received : recvmmsg(fd, messages, count, flags | Constants.MSG_DONTWAIT);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        } finally {
            Reference.reachabilityFence(messages);
        }
    }

    /** The same for an array of messages at an address, which the caller keeps reachable. */
    static int recvmmsgAgain(int fd, long messages, int count, int flags) {
        try {
            int received = (int) (long) RECVMMSG_BARE.invokeExact((long) fd, messages, (long) count, (long) flags, 0L);
            return received >= 0
                    ? received
                    : recvmmsg(fd, MemorySegment.ofAddress(messages), count, flags | Constants.MSG_DONTWAIT);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int send(int fd, MemorySegment source, long bytes, int flags) {
        try {
            return call(SEND, fd, source.address(), bytes, flags, 0);
        } finally {
            Reference.reachabilityFence(source);
        }
    }

    static int sendmmsg(int fd, MemorySegment messages, int count, int flags) {
        try {
            MemorySegment state = STATE.get();
            return result(
                    (int) (long)
                            SENDMMSG.invokeExact(state, (long) fd, messages.address(), (long) count, (long) flags, 0L),
                    state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        } finally {
            Reference.reachabilityFence(messages);
        }
    }

    /** As {@link #sendmmsg}, for sockets that keep no error for the next call: see {@link #recvmmsgAgain}. */
    static int sendmmsgAgain(int fd, MemorySegment messages, int count, int flags) {
        try {
            int sent = (int)
                    (long) SENDMMSG_BARE.invokeExact((long) fd, messages.address(), (long) count, (long) flags, 0L);
            return sent >= 0 ? sent : sendmmsg(fd, messages, count, flags);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        } finally {
            Reference.reachabilityFence(messages);
        }
    }

    /** The same for an array of messages at an address, which the caller keeps reachable. */
    static int sendmmsgAgain(int fd, long messages, int count, int flags) {
        try {
            int sent = (int) (long) SENDMMSG_BARE.invokeExact((long) fd, messages, (long) count, (long) flags, 0L);
            return sent >= 0 ? sent : sendmmsg(fd, MemorySegment.ofAddress(messages), count, flags);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int setns(int fd, int kind) {
        return call(SETNS, fd, kind, 0, 0, 0);
    }

    static int setpriority(int which, int who, int nice) {
        return call(SETPRIORITY, which, who, nice, 0, 0);
    }

    static int setsockopt(int fd, int level, int name, MemorySegment value, int length) {
        try {
            return call(SETSOCKOPT, fd, level, name, value.address(), length);
        } finally {
            Reference.reachabilityFence(value);
        }
    }

    /** Gives the signal back to the kernel's default action, SIG_DFL. */
    static void signalDefault(int signal) {
        int _ = call(SIGNAL, signal, 0, 0, 0, 0);
    }

    static int socket(int domain, int type, int protocol) {
        return call(SOCKET, domain, type, protocol, 0, 0);
    }

    /** A system call that the C library has no function for. */
    static int syscall(int call, long second, long third, long fourth, long fifth) {
        return call(SYSCALL, call, second, third, fourth, fifth);
    }

    static int timerfdCreate(int clock, int flags) {
        return call(TIMERFD_CREATE, clock, flags, 0, 0, 0);
    }

    static int timerfdSettime(int fd, int flags, MemorySegment itimerspec) {
        try {
            return call(TIMERFD_SETTIME, fd, flags, itimerspec.address(), 0, 0);
        } finally {
            Reference.reachabilityFence(itimerspec);
        }
    }

    static int unshare(int flags) {
        return call(UNSHARE, flags, 0, 0, 0, 0);
    }

    static int write(int fd, MemorySegment source, long bytes) {
        try {
            MemorySegment state = STATE.get();
            return result((int) (long) WRITE.invokeExact(state, (long) fd, source.address(), bytes, 0L, 0L), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        } finally {
            Reference.reachabilityFence(source);
        }
    }

    /** As {@link #write}, of native memory at an address: see {@link #readAgain}. */
    static int writeAgain(int fd, long source, long bytes) {
        try {
            int count = (int) (long) WRITE_BARE.invokeExact((long) fd, source, bytes, 0L, 0L);
            return count >= 0 ? count : write(fd, MemorySegment.ofAddress(source), bytes);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Writes {@code count} iovecs, an array at an address: see {@link #readAgain}. */
    static int writevAgain(int fd, long vectors, int count) {
        try {
            int written = (int) (long) WRITEV_BARE.invokeExact((long) fd, vectors, (long) count, 0L, 0L);
            if (written >= 0) {
                return written;
            }
            MemorySegment state = STATE.get();
            return result((int) (long) WRITEV.invokeExact(state, (long) fd, vectors, (long) count, 0L, 0L), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static int result(int returned, MemorySegment state) {
        return returned >= 0 ? returned : -(int) ERRNO.get(state, 0L);
    }

    private static int call(MethodHandle function, long first, long second, long third, long fourth, long fifth) {
        try {
            MemorySegment state = STATE.get();
            return result((int) (long) function.invokeExact(state, first, second, third, fourth, fifth), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** With room for the error number in front of the arguments. */
    private static MethodHandle capturing(String name) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name), FORM, Linker.Option.captureCallState("errno"));
    }

    /** Without the error number: -1 is all that it tells of a failure. */
    private static MethodHandle bare(String name) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), FORM);
    }

    /** A 32-bit value in native memory that lives as long as the arena. */
    static MemorySegment intIn(Arena arena, int value) {
        return arena.allocateFrom(ValueLayout.JAVA_INT, value);
    }
}
