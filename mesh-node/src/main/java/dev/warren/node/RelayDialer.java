package dev.warren.node;

import dev.warren.node.tunnel.RelayConnections;
import dev.warren.node.tunnel.Tunnel;
import dev.warren.platform.net.DerpClient;
import dev.warren.platform.net.Transport;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.derp.PeerGoneReason;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.net.InetAddress;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes connections to relays whose packets and events go to the tunnel's datapath. */
final class RelayDialer implements RelayConnections.Dialer {
    private static final Logger LOG = LoggerFactory.getLogger(RelayDialer.class);

    private final NodePrivateKey key;
    private final Supplier<Tunnel> tunnel;
    private final IntConsumer connected;

    /**
     * {@code tunnel} is asked once packets come, so that tunnel and connections can be made one after the other; {@code
     * connected} is told the region of each relay that lets us in.
     */
    RelayDialer(NodePrivateKey key, Supplier<Tunnel> tunnel, IntConsumer connected) {
        this.key = key;
        this.tunnel = tunnel;
        this.connected = connected;
    }

    @Override
    public RelayConnections.Link dial(DerpRegion region) {
        DerpClient client = DerpClient.connect(Transport.AUTO, region, key, new Events());
        return new RelayConnections.Link() {
            @Override
            public boolean isConnected() {
                return client.isConnected();
            }

            @Override
            public boolean send(NodePublicKey destination, byte[] buffer, int offset, int length) {
                return client.send(destination, buffer, offset, length);
            }

            @Override
            public SortedMap<String, Long> drops() {
                SortedMap<String, Long> drops = new TreeMap<>();
                for (DerpClient.Drop reason : DerpClient.Drop.values()) {
                    drops.put(reason.name().toLowerCase(Locale.ROOT), client.drops(reason));
                }
                return drops;
            }

            @Override
            public void notePreferred(boolean home) {
                client.notePreferred(home);
            }

            @Override
            public @Nullable InetAddress address() {
                return client.address();
            }

            @Override
            public void networkChanged(boolean isLost) {
                client.networkChanged(isLost);
            }

            @Override
            public void close() {
                client.close();
            }
        };
    }

    private final class Events implements DerpClient.Listener {
        @Override
        public void admitted(int region, DerpNode node, NodePublicKey relay) {
            tunnel.get().command((engine, now) -> engine.onUdpRelay(region, relay, node.udpRelay(), now));
        }

        @Override
        public void connected(int region) {
            LOG.info("connected to the relay of region {}", region);
            connected.accept(region);
            tunnel.get().command((engine, now) -> engine.onRelayState(region, true, now));
        }

        @Override
        public void packet(int region, NodePublicKey source, byte[] buffer, int offset, int length) {
            tunnel.get().datapath().offerRelayPacket(region, source, buffer, offset, length);
        }

        @Override
        public void peerGone(int region, NodePublicKey peer, PeerGoneReason reason) {
            tunnel.get().command((engine, now) -> engine.onPeerGone(region, peer, now));
        }

        @Override
        public void disconnected(int region, String reason) {
            LOG.info("the relay of region {} is gone: {}", region, reason);
            tunnel.get().command((engine, now) -> engine.onRelayState(region, false, now));
        }
    }
}
