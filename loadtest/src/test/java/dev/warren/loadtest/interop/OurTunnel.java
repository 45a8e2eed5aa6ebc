package dev.warren.loadtest.interop;

import dev.warren.node.control.DeviceUapiTarget;
import dev.warren.node.control.UapiErrno;
import dev.warren.node.control.UapiException;
import dev.warren.node.control.UapiHost;
import dev.warren.node.control.UapiServer;
import dev.warren.node.engine.EngineConfig;
import dev.warren.node.engine.MeshEngine;
import dev.warren.node.engine.PingAnswer;
import dev.warren.node.tunnel.Datapath;
import dev.warren.node.tunnel.DatapathLimits;
import dev.warren.node.tunnel.PacketEngine;
import dev.warren.platform.linux.Clock;
import dev.warren.platform.linux.TunDevice;
import dev.warren.platform.linux.UdpOptions;
import dev.warren.platform.linux.UdpPair;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.Peer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The agent's tunnel without a coordinator, so that {@code wg} configures all of it: TUN, sockets, engine, UAPI. */
final class OurTunnel implements AutoCloseable {
    static final String NAME = "wgours";
    private static final int MTU_BYTES = 1420;

    private final Datapath datapath;
    private final UapiServer uapi;

    private OurTunnel(Datapath datapath, UapiServer uapi) {
        this.datapath = datapath;
        this.uapi = uapi;
    }

    static OurTunnel start(Host host) throws IOException {
        TunDevice tun = host.namespace.call(() -> TunDevice.open(NAME));
        UdpPair sockets = host.namespace.call(() -> UdpPair.open(0, UdpOptions.DEFAULT));
        Datapath datapath = Datapath.open(tun, sockets, DatapathLimits.DEFAULT);
        host.netlink.bringUp(NAME, MTU_BYTES);
        SecureRandom random = new SecureRandom();
        EngineConfig config =
                new EngineConfig(NodePrivateKey.generate(random), DiscoPrivateKey.generate(random), MTU_BYTES);
        MeshEngine engine = new MeshEngine(config, random, new Ports(datapath));
        engine.setUnixOffset(TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - Clock.bootTimeNanos());
        DeviceUapiTarget target =
                new DeviceUapiTarget(engine.device(), new UapiOwner(host, datapath), Clock::bootTimeNanos);
        UapiServer uapi = UapiServer.start(host.sockets.resolve(NAME + ".sock"), target, command -> {
            if (!datapath.submit(_ -> command.run())) {
                throw new RejectedExecutionException("the datapath has ended or is overloaded");
            }
        });
        datapath.start(new Engine(engine), _ -> {});
        return new OurTunnel(datapath, uapi);
    }

    int port() {
        return datapath.port();
    }

    @Override
    public void close() {
        uapi.close();
        datapath.close();
    }

    private record Ports(Datapath datapath) implements MeshEngine.Ports {
        @Override
        public void sendUdp(InetSocketAddress to, byte[] buffer, int offset, int length) {
            datapath.sendUdp(to, buffer, offset, length);
        }

        @Override
        public void sendRelay(int region, NodePublicKey to, byte[] buffer, int offset, int length) {}

        @Override
        public void deliver(byte[] buffer, int offset, int length) {
            datapath.deliver(buffer, offset, length);
        }

        @Override
        public void endpointsChanged(List<InetSocketAddress> endpoints) {}

        @Override
        public void homeRegionChanged(int region) {}

        @Override
        public void pingAnswered(long token, PingAnswer answer) {}
    }

    /** What the datapath drives. */
    private record Engine(MeshEngine engine) implements PacketEngine {
        @Override
        public void onTun(byte[] buffer, int offset, int length, long nowNanos) {
            engine.onTun(buffer, offset, length, nowNanos);
        }

        @Override
        public void onUdp(InetSocketAddress source, byte[] buffer, int offset, int length, long nowNanos) {
            engine.onUdp(source, buffer, offset, length, nowNanos);
        }

        @Override
        public void onRelay(int region, NodePublicKey source, byte[] buffer, int offset, int length, long nowNanos) {
            engine.onRelay(region, source, buffer, offset, length, nowNanos);
        }

        @Override
        public void onSendFailed(InetSocketAddress destination, long nowNanos) {
            engine.onSendFailed(destination, nowNanos);
        }

        @Override
        public void poll(long nowNanos) {
            engine.poll(nowNanos);
        }

        @Override
        public long nextDeadlineNanos() {
            return engine.nextDeadlineNanos();
        }
    }

    /** The user owns everything here, even the key. */
    private record UapiOwner(Host host, Datapath datapath) implements UapiHost {
        @Override
        public int listenPort() {
            return datapath.port();
        }

        @Override
        public void setListenPort(int port) throws UapiException {
            try {
                datapath.replaceSockets(host.namespace.call(() -> UdpPair.open(port, UdpOptions.DEFAULT)));
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
