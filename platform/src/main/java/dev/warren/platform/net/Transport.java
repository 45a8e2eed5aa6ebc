package dev.warren.platform.net;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.Locale;
import java.util.Optional;

/** Which of the kernel's interfaces Netty uses. {@link #AUTO} is epoll where it works, else NIO. */
public enum Transport {
    /** epoll when its native library loads, else NIO. */
    AUTO,
    /** Linux epoll with Netty's native library. */
    EPOLL,
    /** Linux io_uring; the kernel may forbid it ({@code kernel.io_uring_disabled}). */
    IO_URING,
    /** The JDK's own selector; works everywhere. */
    NIO;

    /** Reads {@code auto}, {@code epoll}, {@code io_uring} or {@code nio}; throws IllegalArgumentException. */
    public static Transport parse(String text) {
        for (Transport transport : values()) {
            if (transport.toString().equals(text)) {
                return transport;
            }
        }
        throw new IllegalArgumentException("\"" + text + "\" is no transport; use auto, epoll, io_uring or nio");
    }

    /** This transport, or what {@link #AUTO} stands for on this machine. */
    public Transport resolved() {
        if (this != AUTO) {
            return this;
        }
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    /** Why this machine cannot use this transport, as one sentence; empty when it can. */
    public Optional<String> unavailableReason() {
        return switch (this) {
            case AUTO, NIO -> Optional.empty();
            case EPOLL -> Optional.ofNullable(Epoll.unavailabilityCause()).map(this::sentence);
            case IO_URING -> Optional.ofNullable(IoUring.unavailabilityCause()).map(this::sentence);
        };
    }

    /** A group of {@code threads} daemon threads named {@code name-1-1} and so on; the caller shuts it down. */
    public EventLoopGroup newGroup(int threads, String name) {
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), handlers());
    }

    /**
     * As {@link #newGroup(int, String)}, for loops that move packets for many: with epoll they let packets gather for at
     * most {@code gatherMicros} when many come, see {@link Gathering}.
     */
    public EventLoopGroup newGroup(int threads, String name, int gatherMicros) {
        IoHandlerFactory handlers = gatherMicros > 0 && resolved() == EPOLL
                ? EpollIoHandler.newFactory(0, () -> new GatheringSelect(gatherMicros))
                : handlers();
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), handlers);
    }

    /** The class of listening TCP channels that fits {@link #newGroup}. */
    public Class<? extends ServerSocketChannel> serverSocketChannel() {
        return switch (resolved()) {
            case EPOLL -> EpollServerSocketChannel.class;
            case IO_URING -> IoUringServerSocketChannel.class;
            case AUTO, NIO -> NioServerSocketChannel.class;
        };
    }

    /** The class of connecting TCP channels that fits {@link #newGroup}. */
    public Class<? extends SocketChannel> socketChannel() {
        return switch (resolved()) {
            case EPOLL -> EpollSocketChannel.class;
            case IO_URING -> IoUringSocketChannel.class;
            case AUTO, NIO -> NioSocketChannel.class;
        };
    }

    /** The class of UDP channels that fits {@link #newGroup}. */
    public Class<? extends DatagramChannel> datagramChannel() {
        return switch (resolved()) {
            case EPOLL -> EpollDatagramChannel.class;
            case IO_URING -> IoUringDatagramChannel.class;
            case AUTO, NIO -> NioDatagramChannel.class;
        };
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    private IoHandlerFactory handlers() {
        return switch (resolved()) {
            case EPOLL -> EpollIoHandler.newFactory();
            case IO_URING -> IoUringIoHandler.newFactory();
            case AUTO, NIO -> NioIoHandler.newFactory();
        };
    }

    private String sentence(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return this + " does not work on this machine (" + root.getMessage() + "); use --transport auto";
    }
}
