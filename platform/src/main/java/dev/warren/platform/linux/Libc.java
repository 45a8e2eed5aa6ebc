package dev.warren.platform.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

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

    private static final MemoryLayout INT = JAVA_INT;
    private static final MemoryLayout LONG = JAVA_LONG;

    private static final MethodHandle BIND = returningInt("bind", INT, ADDRESS, INT);
    private static final MethodHandle CLOCK_GETTIME = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("clock_gettime"),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS),
            Linker.Option.critical(false));
    private static final MethodHandle CLOSE = returningInt("close", INT);
    private static final MethodHandle CONNECT = returningInt("connect", INT, ADDRESS, INT);
    private static final MethodHandle DUP2 = returningInt("dup2", INT, INT);
    private static final MethodHandle EPOLL_CREATE1 = returningInt("epoll_create1", INT);
    private static final MethodHandle EPOLL_CTL = returningInt("epoll_ctl", INT, INT, INT, ADDRESS);
    private static final MethodHandle EPOLL_WAIT = returningInt("epoll_wait", INT, ADDRESS, INT, INT);
    private static final MethodHandle EVENTFD = returningInt("eventfd", INT, INT);
    private static final MethodHandle FCNTL = variadic("fcntl", INT, INT, INT);
    private static final MethodHandle GETSOCKNAME = returningInt("getsockname", INT, ADDRESS, ADDRESS);
    private static final MethodHandle GETSOCKOPT = returningInt("getsockopt", INT, INT, INT, ADDRESS, ADDRESS);
    private static final MethodHandle IOCTL = variadic("ioctl", INT, LONG, ADDRESS);
    private static final MethodHandle OPEN = variadic("open", ADDRESS, INT, INT);
    private static final MethodHandle PRCTL =
            capturing("prctl", FunctionDescriptor.of(JAVA_INT, INT, LONG), Linker.Option.firstVariadicArg(1));
    private static final MethodHandle READ = returningLong("read", INT, ADDRESS, LONG);
    private static final MethodHandle READ_BARE = bareLong("read", INT, LONG, LONG);
    private static final MethodHandle RECV = returningLong("recv", INT, ADDRESS, LONG, INT);
    private static final MethodHandle RECVMMSG = returningInt("recvmmsg", INT, ADDRESS, INT, INT, ADDRESS);
    private static final MethodHandle RECVMMSG_BARE = bare("recvmmsg", INT, ADDRESS, INT, INT, ADDRESS);
    private static final MethodHandle RECVMMSG_AT = bare("recvmmsg", INT, LONG, INT, INT, LONG);
    private static final MethodHandle SEND = returningLong("send", INT, ADDRESS, LONG, INT);
    private static final MethodHandle SENDMMSG = returningInt("sendmmsg", INT, ADDRESS, INT, INT);
    private static final MethodHandle SENDMMSG_BARE = bare("sendmmsg", INT, ADDRESS, INT, INT);
    private static final MethodHandle SENDMMSG_AT = bare("sendmmsg", INT, LONG, INT, INT);
    private static final MethodHandle SETNS = returningInt("setns", INT, INT);
    private static final MethodHandle SETPRIORITY = returningInt("setpriority", INT, INT, INT);
    private static final MethodHandle SETSOCKOPT = returningInt("setsockopt", INT, INT, INT, ADDRESS, INT);
    private static final MethodHandle SIGNAL = returningLong("signal", INT, LONG);
    private static final MethodHandle SOCKET = returningInt("socket", INT, INT, INT);
    private static final MethodHandle TIMERFD_CREATE = returningInt("timerfd_create", INT, INT);
    private static final MethodHandle TIMERFD_SETTIME = returningInt("timerfd_settime", INT, INT, ADDRESS, ADDRESS);
    private static final MethodHandle UNSHARE = returningInt("unshare", INT);
    private static final MethodHandle WRITE = returningLong("write", INT, ADDRESS, LONG);
    private static final MethodHandle WRITE_BARE = bareLong("write", INT, LONG, LONG);
    private static final MethodHandle WRITEV = returningLong("writev", INT, ADDRESS, INT);
    private static final MethodHandle WRITEV_BARE = bareLong("writev", INT, LONG, INT);

    private Libc() {}

    static int bind(int fd, MemorySegment address, int length) {
        try {
            MemorySegment state = STATE.get();
            return result((int) BIND.invokeExact(state, fd, address, length), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
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
        try {
            MemorySegment state = STATE.get();
            return result((int) CLOSE.invokeExact(state, fd), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int connect(int fd, MemorySegment address, int length) {
        try {
            MemorySegment state = STATE.get();
            return result((int) CONNECT.invokeExact(state, fd, address, length), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int dup2(int from, int to) {
        try {
            MemorySegment state = STATE.get();
            return result((int) DUP2.invokeExact(state, from, to), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int epollCreate(int flags) {
        try {
            MemorySegment state = STATE.get();
            return result((int) EPOLL_CREATE1.invokeExact(state, flags), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int epollControl(int epoll, int operation, int fd, MemorySegment event) {
        try {
            MemorySegment state = STATE.get();
            return result((int) EPOLL_CTL.invokeExact(state, epoll, operation, fd, event), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int epollWait(int epoll, MemorySegment events, int maxEvents, int timeoutMillis) {
        try {
            MemorySegment state = STATE.get();
            return result((int) EPOLL_WAIT.invokeExact(state, epoll, events, maxEvents, timeoutMillis), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int eventfd(int initial, int flags) {
        try {
            MemorySegment state = STATE.get();
            return result((int) EVENTFD.invokeExact(state, initial, flags), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int fcntl(int fd, int command, int value) {
        try {
            MemorySegment state = STATE.get();
            return result((int) FCNTL.invokeExact(state, fd, command, value), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** The resolver's: linked only where a name is looked up, as linking takes some milliseconds. */
    private static final class Resolver {
        static final MethodHandle GETADDRINFO = bare("getaddrinfo", ADDRESS, ADDRESS, ADDRESS, ADDRESS);
        static final MethodHandle FREEADDRINFO = LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow("freeaddrinfo"), FunctionDescriptor.ofVoid(ADDRESS));
    }

    /** Unlike all others it answers with its own number of the failure, an EAI_ of netdb.h; 0 for success. May wait. */
    static int getaddrinfo(MemorySegment host, MemorySegment hints, MemorySegment result) {
        try {
            return (int) Resolver.GETADDRINFO.invokeExact(host, MemorySegment.NULL, hints, result);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static void freeaddrinfo(MemorySegment result) {
        try {
            Resolver.FREEADDRINFO.invokeExact(result);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int getsockname(int fd, MemorySegment address, MemorySegment length) {
        try {
            MemorySegment state = STATE.get();
            return result((int) GETSOCKNAME.invokeExact(state, fd, address, length), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int getsockopt(int fd, int level, int name, MemorySegment value, MemorySegment length) {
        try {
            MemorySegment state = STATE.get();
            return result((int) GETSOCKOPT.invokeExact(state, fd, level, name, value, length), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int ioctl(int fd, long request, MemorySegment argument) {
        try {
            MemorySegment state = STATE.get();
            return result((int) IOCTL.invokeExact(state, fd, request, argument), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int open(String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = STATE.get();
            return result((int) OPEN.invokeExact(state, arena.allocateFrom(path), flags, 0), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int prctl(int option, long value) {
        try {
            MemorySegment state = STATE.get();
            return result((int) PRCTL.invokeExact(state, option, value), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int read(int fd, MemorySegment target, long bytes) {
        try {
            MemorySegment state = STATE.get();
            return result((int) (long) READ.invokeExact(state, fd, target, bytes), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /**
     * As {@link #read}, into native memory at an address: a failed call is made once more, as in {@link
     * #recvmmsgAgain}, and nothing here is an object. Who calls keeps the memory reachable.
     */
    static int readAgain(int fd, long target, long bytes) {
        try {
            int count = (int) (long) READ_BARE.invokeExact(fd, target, bytes);
            return count >= 0 ? count : read(fd, MemorySegment.ofAddress(target), bytes);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int receive(int fd, MemorySegment target, long bytes, int flags) {
        try {
            MemorySegment state = STATE.get();
            return result((int) (long) RECV.invokeExact(state, fd, target, bytes, flags), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int recvmmsg(int fd, MemorySegment messages, int count, int flags) {
        try {
            MemorySegment state = STATE.get();
            return result((int) RECVMMSG.invokeExact(state, fd, messages, count, flags, MemorySegment.NULL), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /**
     * As {@link #recvmmsg}, for sockets that keep no error for the next call: a failed call is made once more to learn
     * why, without waiting. So the many that succeed need no room for an error number, a slice of which is an object
     * for each call.
     */
    static int recvmmsgAgain(int fd, MemorySegment messages, int count, int flags) {
        try {
            int received = (int) RECVMMSG_BARE.invokeExact(fd, messages, count, flags, MemorySegment.NULL);
            return received >= 0 ? received : recvmmsg(fd, messages, count, flags | Constants.MSG_DONTWAIT);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** The same for an array of messages at an address, which the caller keeps reachable. */
    static int recvmmsgAgain(int fd, long messages, int count, int flags) {
        try {
            int received = (int) RECVMMSG_AT.invokeExact(fd, messages, count, flags, 0L);
            return received >= 0
                    ? received
                    : recvmmsg(fd, MemorySegment.ofAddress(messages), count, flags | Constants.MSG_DONTWAIT);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int send(int fd, MemorySegment source, long bytes, int flags) {
        try {
            MemorySegment state = STATE.get();
            return result((int) (long) SEND.invokeExact(state, fd, source, bytes, flags), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int sendmmsg(int fd, MemorySegment messages, int count, int flags) {
        try {
            MemorySegment state = STATE.get();
            return result((int) SENDMMSG.invokeExact(state, fd, messages, count, flags), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** As {@link #sendmmsg}, for sockets that keep no error for the next call: see {@link #recvmmsgAgain}. */
    static int sendmmsgAgain(int fd, MemorySegment messages, int count, int flags) {
        try {
            int sent = (int) SENDMMSG_BARE.invokeExact(fd, messages, count, flags);
            return sent >= 0 ? sent : sendmmsg(fd, messages, count, flags);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** The same for an array of messages at an address, which the caller keeps reachable. */
    static int sendmmsgAgain(int fd, long messages, int count, int flags) {
        try {
            int sent = (int) SENDMMSG_AT.invokeExact(fd, messages, count, flags);
            return sent >= 0 ? sent : sendmmsg(fd, MemorySegment.ofAddress(messages), count, flags);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int setns(int fd, int kind) {
        try {
            MemorySegment state = STATE.get();
            return result((int) SETNS.invokeExact(state, fd, kind), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int setpriority(int which, int who, int nice) {
        try {
            MemorySegment state = STATE.get();
            return result((int) SETPRIORITY.invokeExact(state, which, who, nice), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int setsockopt(int fd, int level, int name, MemorySegment value, int length) {
        try {
            MemorySegment state = STATE.get();
            return result((int) SETSOCKOPT.invokeExact(state, fd, level, name, value, length), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Gives the signal back to the kernel's default action, SIG_DFL. */
    static void signalDefault(int signal) {
        try {
            long _ = (long) SIGNAL.invokeExact(STATE.get(), signal, 0L);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int socket(int domain, int type, int protocol) {
        try {
            MemorySegment state = STATE.get();
            return result((int) SOCKET.invokeExact(state, domain, type, protocol), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int timerfdCreate(int clock, int flags) {
        try {
            MemorySegment state = STATE.get();
            return result((int) TIMERFD_CREATE.invokeExact(state, clock, flags), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int timerfdSettime(int fd, int flags, MemorySegment itimerspec) {
        try {
            MemorySegment state = STATE.get();
            return result((int) TIMERFD_SETTIME.invokeExact(state, fd, flags, itimerspec, MemorySegment.NULL), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int unshare(int flags) {
        try {
            MemorySegment state = STATE.get();
            return result((int) UNSHARE.invokeExact(state, flags), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static int write(int fd, MemorySegment source, long bytes) {
        try {
            MemorySegment state = STATE.get();
            return result((int) (long) WRITE.invokeExact(state, fd, source, bytes), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** As {@link #write}, of native memory at an address: see {@link #readAgain}. */
    static int writeAgain(int fd, long source, long bytes) {
        try {
            int count = (int) (long) WRITE_BARE.invokeExact(fd, source, bytes);
            return count >= 0 ? count : write(fd, MemorySegment.ofAddress(source), bytes);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Writes {@code count} iovecs, an array at an address: see {@link #readAgain}. */
    static int writevAgain(int fd, long vectors, int count) {
        try {
            int written = (int) (long) WRITEV_BARE.invokeExact(fd, vectors, count);
            if (written >= 0) {
                return written;
            }
            MemorySegment state = STATE.get();
            return result((int) (long) WRITEV.invokeExact(state, fd, MemorySegment.ofAddress(vectors), count), state);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static int result(int returned, MemorySegment state) {
        return returned >= 0 ? returned : -(int) ERRNO.get(state, 0L);
    }

    private static MethodHandle returningInt(String name, MemoryLayout... parameters) {
        return capturing(name, FunctionDescriptor.of(JAVA_INT, parameters));
    }

    /** Without the error number: -1 is all that it tells of a failure. */
    private static MethodHandle bare(String name, MemoryLayout... parameters) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name), FunctionDescriptor.of(JAVA_INT, parameters));
    }

    private static MethodHandle bareLong(String name, MemoryLayout... parameters) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name), FunctionDescriptor.of(JAVA_LONG, parameters));
    }

    private static MethodHandle returningLong(String name, MemoryLayout... parameters) {
        return capturing(name, FunctionDescriptor.of(JAVA_LONG, parameters));
    }

    /** The third argument of {@code open} and {@code ioctl} is variadic, which some calling conventions must know. */
    private static MethodHandle variadic(String name, MemoryLayout... parameters) {
        return capturing(name, FunctionDescriptor.of(JAVA_INT, parameters), Linker.Option.firstVariadicArg(2));
    }

    private static MethodHandle capturing(String name, FunctionDescriptor descriptor, Linker.Option... more) {
        Linker.Option[] options = new Linker.Option[more.length + 1];
        options[0] = Linker.Option.captureCallState("errno");
        System.arraycopy(more, 0, options, 1, more.length);
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
    }

    /** A 32-bit value in native memory that lives as long as the arena. */
    static MemorySegment intIn(Arena arena, int value) {
        return arena.allocateFrom(ValueLayout.JAVA_INT, value);
    }
}
