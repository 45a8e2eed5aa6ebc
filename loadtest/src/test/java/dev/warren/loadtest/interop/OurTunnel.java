package dev.warren.loadtest.interop;

import dev.warren.node.NodeConfig;
import dev.warren.node.control.DeviceUapiTarget;
import dev.warren.node.control.UapiErrno;
import dev.warren.node.control.UapiException;
import dev.warren.node.control.UapiHost;
import dev.warren.node.control.UapiServer;
import dev.warren.node.engine.MeshEngine;
import dev.warren.node.engine.PingAnswer;
import dev.warren.node.tunnel.Tunnel;
import dev.warren.platform.linux.Clock;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.Peer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** The agent's tunnel, as {@code warren up} runs it, without a coordinator: {@code wg} configures all of it. */
final class OurTunnel implements AutoCloseable {
    static final String NAME = "wgours";

    private final Tunnel tunnel;
    private final UapiServer uapi;

    private OurTunnel(Tunnel tunnel, UapiServer uapi) {
        this.tunnel = tunnel;
        this.uapi = uapi;
    }

    static OurTunnel start(Host host) throws IOException {
        SecureRandom random = new SecureRandom();
        Tunnel.Settings settings = new Tunnel.Settings(
                NAME, 0, NodeConfig.MTU_BYTES, NodePrivateKey.generate(random), DiscoPrivateKey.generate(random));
        Tunnel tunnel = host.namespace.call(() -> Tunnel.open(settings, new Alone()));
        DeviceUapiTarget target =
                new DeviceUapiTarget(tunnel.engine().device(), new UapiOwner(host, tunnel), Clock::bootTimeNanos);
        UapiServer uapi = UapiServer.start(host.sockets.resolve(NAME + ".sock"), target, command -> {
            if (!tunnel.command((_, _) -> command.run())) {
                throw new RejectedExecutionException("the datapath has ended or is overloaded");
            }
        });
        return new OurTunnel(tunnel, uapi);
    }

    int port() {
        return tunnel.port();
    }

    @Override
    public void close() {
        uapi.close();
        tunnel.close();
    }

    /** No relays, no coordinator, no users. */
    private record Alone() implements Tunnel.Surroundings {
        @Override
        public void sendRelay(int region, NodePublicKey to, byte[] buffer, int offset, int length, long nowNanos) {}

        @Override
        public void endpointsChanged(List<InetSocketAddress> endpoints) {}

        @Override
        public void homeRegionChanged(int region, long nowNanos) {}

        @Override
        public void pingAnswered(long token, PingAnswer answer) {}

        @Override
        public void ended(String reason) {}
    }

    /** The user owns everything here, even the key. */
    private record UapiOwner(Host host, Tunnel tunnel) implements UapiHost {
        @Override
        public int listenPort() {
            return tunnel.port();
        }

        @Override
        public void setListenPort(int port) throws UapiException {
            try {
                host.namespace.call(() -> {
                    tunnel.rebind(port, 0);
                    return port;
                });
            } catch (IOException taken) {
                throw new UapiException(UapiErrno.EADDRINUSE, String.valueOf(taken.getMessage()));
            }
        }

        @Override
        public int fwmark() {
            return 0;
        }

        @Override
        public void setFwmark(int mark) throws UapiException {
            throw new UapiException(UapiErrno.EPERM, "this tunnel has no mark");
        }

        @Override
        public boolean mayChangeKey() {
            return true;
        }

        @Override
        public boolean isManaged(Peer peer) {
            return MeshEngine.isManaged(peer);
        }

        @Override
        public @Nullable InetSocketAddress endpoint(Peer peer) {
            return peer.endpoint();
        }
    }
}
