package dev.warren.stun;

import dev.warren.platform.net.Transport;
import io.netty.channel.epoll.Epoll;
import java.util.Locale;
import java.util.Optional;

/** How datagrams come in and go out. {@link #AUTO} is {@link #BATCHED} on Linux, else NIO. */
public enum StunTransport {
    /** The fastest that works here. */
    AUTO,
    /** Linux' recvmmsg and sendmmsg without anything in between, a thread for each socket. */
    BATCHED,
    /** Netty with epoll. */
    EPOLL,
    /** Netty with io_uring; the kernel may forbid it ({@code kernel.io_uring_disabled}). */
    IO_URING,
    /** Netty with the JDK's own selector; works everywhere. */
    NIO;

    /** This transport, or what {@link #AUTO} stands for on this machine. */
    public StunTransport resolved() {
        if (this != AUTO) {
            return this;
        }
        return isLinux() ? BATCHED : NIO;
    }

    /** Why this machine cannot use this transport, as one sentence; empty when it can. */
    public Optional<String> unavailableReason() {
        return switch (this) {
            case AUTO -> Optional.empty();
            case BATCHED ->
                isLinux() ? Optional.empty() : Optional.of("--transport batched needs Linux: use auto or nio");
            case EPOLL, IO_URING, NIO -> netty().unavailableReason();
        };
    }

    /** Netty's name for it; epoll, or NIO, for those that are not Netty's. */
    Transport netty() {
        return switch (this) {
            case AUTO, BATCHED -> Epoll.isAvailable() ? Transport.EPOLL : Transport.NIO;
            case EPOLL -> Transport.EPOLL;
            case IO_URING -> Transport.IO_URING;
            case NIO -> Transport.NIO;
        };
    }

    /** As the option spells it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static boolean isLinux() {
        return System.getProperty("os.name").equals("Linux");
    }
}
