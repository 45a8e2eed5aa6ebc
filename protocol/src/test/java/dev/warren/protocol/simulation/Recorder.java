package dev.warren.protocol.simulation;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** A socket that keeps what it receives and can answer. */
final class Recorder {
    private final Host host;
    private final int port;
    final List<InetSocketAddress> sources = new ArrayList<>();
    final List<Byte> contents = new ArrayList<>();
    final List<Long> timesNanos = new ArrayList<>();

    Recorder(Host host, int port) {
        this.host = host;
        this.port = port;
        host.bind(port, (source, payload, nowNanos) -> {
            sources.add(source);
            contents.add(payload[0]);
            timesNanos.add(nowNanos);
        });
    }

    InetSocketAddress address() {
        return new InetSocketAddress(host.address(), port);
    }

    void send(InetSocketAddress to) {
        send(to, 0, 1);
    }

    /** {@code length} bytes, the first of which is {@code content}. */
    void send(InetSocketAddress to, int content, int length) {
        byte[] payload = new byte[length];
        payload[0] = (byte) content;
        host.send(port, to, payload, 0, length);
    }

    /** Where the last datagram came from. */
    InetSocketAddress lastSource() {
        return sources.getLast();
    }
}
