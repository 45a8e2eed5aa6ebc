package dev.warren.protocol.simulation;

import dev.warren.protocol.stun.BindingResponder;
import java.net.InetSocketAddress;

/** A STUN server on a simulated host: the real responder behind a simulated socket. */
public final class StunHost {
    private static final int PORT = 3478;

    private final Host host;
    private final BindingResponder responder = new BindingResponder();

    /** Serves on the host's port 3478. */
    public StunHost(Host host) {
        this.host = host;
        start();
    }

    /** Where it is asked. */
    public InetSocketAddress address() {
        return new InetSocketAddress(host.address(), PORT);
    }

    /** Its host. */
    public Host host() {
        return host;
    }

    /** Answers no more. */
    public void stop() {
        host.close(PORT);
    }

    /** Answers again. */
    public void start() {
        host.bind(PORT, this::receive);
    }

    private void receive(InetSocketAddress source, byte[] payload, long nowNanos) {
        responder.handle(payload, 0, payload.length, source);
        if (responder.responseLength() > 0) {
            host.send(PORT, source, responder.response(), 0, responder.responseLength());
        }
    }
}
