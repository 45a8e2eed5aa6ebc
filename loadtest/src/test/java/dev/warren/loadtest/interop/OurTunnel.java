package dev.warren.loadtest.interop;

import dev.warren.node.WireGuardInterface;
import java.io.IOException;

/** The agent's tunnel without a coordinator, as {@code warren wireguard} runs it: {@code wg} configures all of it. */
final class OurTunnel implements AutoCloseable {
    static final String NAME = "wgours";

    private final WireGuardInterface opened;

    private OurTunnel(WireGuardInterface opened) {
        this.opened = opened;
    }

    static OurTunnel start(Host host) throws IOException {
        return new OurTunnel(
                host.namespace.call(() -> WireGuardInterface.open(NAME, host.sockets.resolve(NAME + ".sock"))));
    }

    int port() {
        return opened.port();
    }

    @Override
    public void close() {
        opened.close();
    }
}
