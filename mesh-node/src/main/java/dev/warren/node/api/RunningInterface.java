package dev.warren.node.api;

import dev.warren.node.WireGuardInterface;
import dev.warren.node.control.UapiDeviceView;
import dev.warren.node.control.UapiException;
import dev.warren.node.control.UapiTarget;
import dev.warren.node.engine.MeshEngine;
import dev.warren.node.keys.KeyGenerations;
import dev.warren.node.keys.PskProvider;
import dev.warren.node.keys.RotationSchedule;
import dev.warren.node.tunnel.Acceleration;
import dev.warren.platform.linux.Link;
import dev.warren.platform.linux.Netlink;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.Peer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One interface of a {@link TunnelManager}. Keys, port and peers belong to the datapath thread, which every method asks;
 * addresses and MTU are the kernel's. For any thread.
 */
final class RunningInterface implements AutoCloseable {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final WireGuardInterface wireguard;
    private final Netlink netlink;
    private final KeyRotations rotations;
    private boolean closed; // guarded by this

    private RunningInterface(WireGuardInterface wireguard, Netlink netlink) {
        this.wireguard = wireguard;
        this.netlink = netlink;
        this.rotations = new KeyRotations(wireguard.name(), InstantSource.system());
    }

    /**
     * Opens it as {@code config} says, with a UAPI socket if {@code socket} is not null. {@code peerKeys} is told, on a
     * thread of its own, of each peer that changed its key: the key before, and now.
     */
    static RunningInterface open(
            InterfaceConfig config,
            Acceleration acceleration,
            @Nullable Path socket,
            BiConsumer<NodePublicKey, NodePublicKey> peerKeys)
            throws IOException {
        // It belongs to the namespace of this thread, and so does what the kernel is asked later.
        Netlink netlink = Netlink.open();
        WireGuardInterface opened = null;
        try {
            opened = WireGuardInterface.open(
                    new WireGuardInterface.Settings(
                            config.name(), config.listenPort(), config.mtuBytes(), acceleration),
                    socket);
            opened.ask((target, engine, now) -> {
                engine.device().onPeerKeyChange(tellingApart(config.name(), peerKeys));
                return apply(target, engine, now, config);
            });
            for (InterfaceAddress address : config.addresses()) {
                netlink.addAddress(config.name(), address.address(), address.prefixBits());
            }
            return new RunningInterface(opened, netlink);
        } catch (IOException | RuntimeException failed) {
            if (opened != null) {
                opened.close();
            }
            netlink.close();
            throw failed;
        }
    }

    private static BiConsumer<Peer, NodePublicKey> tellingApart(
            String name, BiConsumer<NodePublicKey, NodePublicKey> peerKeys) {
        Thread.Builder thread = Thread.ofVirtual().name("peer-key-" + name);
        return (peer, before) -> {
            NodePublicKey now = peer.publicKey();
            thread.start(() -> peerKeys.accept(before, now));
        };
    }

    private static boolean apply(UapiTarget target, MeshEngine engine, long nowNanos, InterfaceConfig config)
            throws UapiException {
        target.apply(DeviceSettings.set(config));
        for (PeerConfig peer : config.peers()) {
            DeviceSettings.name(peer, engine, nowNanos);
            NextKeys.set(Objects.requireNonNull(engine.device().peer(peer.publicKey())), peer.nextPublicKey());
        }
        return true;
    }

    String name() {
        return wireguard.name();
    }

    /** Has {@code listener} told, on a thread of its own, when the interface ends though nobody closed it, and why. */
    void onEnd(Consumer<String> listener) {
        Thread.Builder thread = Thread.ofVirtual().name("ended-" + name());
        var _ = wireguard.ended().thenAccept(reason -> thread.start(() -> listener.accept(reason)));
    }

    InterfaceConfig config() throws IOException {
        Link link = link();
        List<InterfaceAddress> addresses = link.addresses().stream()
                .map(held -> new InterfaceAddress(held.address(), held.prefixBits()))
                .toList();
        return wireguard.ask((target, engine, _) ->
                DeviceSettings.config(name(), target.view(), engine.device(), addresses, link.mtuBytes()));
    }

    InterfaceStatistics statistics() throws IOException {
        return wireguard.ask((target, engine, _) -> statistics(target.view(), engine.device()));
    }

    List<PeerConfig> peers() throws IOException {
        return wireguard.ask((target, engine, _) -> target.view().peers().stream()
                .map(peer -> DeviceSettings.config(peer, engine.device()))
                .toList());
    }

    void addPeer(PeerConfig peer) throws IOException {
        wireguard.ask((target, engine, now) -> {
            NodePublicKey key = peer.publicKey();
            if (key.equals(engine.device().publicKey())) {
                throw new IllegalArgumentException(
                        "peer " + key.base64() + " is the interface's own key: only other machines are allowed");
            }
            if (engine.device().peer(key) != null) {
                throw new IllegalStateException(
                        "the interface " + name() + " has the peer " + key.base64() + " already: update or remove it");
            }
            Peer added = engine.device().addPeer(key, now);
            try {
                NextKeys.set(added, peer.nextPublicKey());
            } catch (IllegalArgumentException notFree) {
                engine.device().removePeer(key);
                throw notFree;
            }
            target.apply(DeviceSettings.peers(DeviceSettings.set(peer)));
            DeviceSettings.name(peer, engine, now);
            return true;
        });
    }

    void updatePeer(PeerConfig peer) throws IOException {
        wireguard.ask((target, engine, now) -> {
            Peer known = NextKeys.find(engine.device(), peer.publicKey());
            if (known == null) {
                throw noPeer(peer.publicKey());
            }
            NextKeys.set(known, peer.nextPublicKey());
            target.apply(DeviceSettings.peers(
                    rotations.isChanging(known) ? DeviceSettings.setButPresharedKey(peer) : DeviceSettings.set(peer)));
            DeviceSettings.name(peer, engine, now);
            return true;
        });
    }

    /** See {@link TunnelManager#rotatePrivateKey}; {@code announcement} is told on a thread of its own. */
    void rotatePrivateKey(
            KeyGenerations<NodePrivateKey> generations,
            RotationSchedule schedule,
            OwnKeyRotation.Announcement announcement)
            throws IOException {
        Thread.Builder thread = Thread.ofVirtual().name("next-key-" + name());
        rotations.begin(new OwnKeyRotation(
                name(),
                this::ask,
                generations,
                schedule,
                (current, next, from) -> thread.start(() -> announcement.make(current, next, from))));
    }

    void expectPeerKey(NodePublicKey current, NodePublicKey next) throws IOException {
        ask((device, _) -> {
            Peer peer = NextKeys.find(device, current);
            if (peer == null) {
                throw noPeer(current);
            }
            NextKeys.set(peer, Optional.of(next));
            return true;
        });
    }

    /** See {@link TunnelManager#rotatePresharedKey}. */
    void rotatePresharedKey(NodePublicKey peer, PskProvider provider, RotationSchedule schedule) throws IOException {
        rotations.begin(PresharedKeyRotation.of(name(), this::ask, peer, provider, schedule));
    }

    private <T> T ask(DeviceAccess.Question<T> question) throws IOException {
        return wireguard.ask((_, engine, now) -> question.answer(engine.device(), now));
    }

    boolean removePeer(NodePublicKey key) throws IOException {
        return wireguard.ask((_, engine, _) -> engine.device().removePeer(key));
    }

    /** Ends it; the interface is gone when it returns. */
    @Override
    public void close() {
        rotations.close();
        wireguard.close();
        closeNetlink();
    }

    private NoSuchElementException noPeer(NodePublicKey key) {
        return new NoSuchElementException(
                "the interface " + name() + " has no peer " + key.base64() + ": add it first");
    }

    private InterfaceStatistics statistics(UapiDeviceView view, Device device) {
        List<PeerStatistics> peers =
                view.peers().stream().map(RunningInterface::statistics).toList();
        return new InterfaceStatistics(
                name(),
                Optional.ofNullable(view.privateKey()).map(RunningInterface::publicHalf),
                view.listenPort(),
                peers.stream().mapToLong(PeerStatistics::rxBytes).sum(),
                peers.stream().mapToLong(PeerStatistics::txBytes).sum(),
                device.drops(),
                peers);
    }

    private static PeerStatistics statistics(UapiDeviceView.Peer peer) {
        long handshake = peer.lastHandshakeUnixNanos();
        InetSocketAddress endpoint = peer.endpoint();
        return new PeerStatistics(
                peer.publicKey(),
                handshake == 0
                        ? Optional.empty()
                        : Optional.of(
                                Instant.ofEpochSecond(handshake / NANOS_PER_SECOND, handshake % NANOS_PER_SECOND)),
                peer.rxBytes(),
                peer.txBytes(),
                Optional.ofNullable(endpoint));
    }

    private static NodePublicKey publicHalf(NodePrivateKey key) {
        try (key) {
            return key.publicKey();
        }
    }

    /** {@link Netlink} belongs to one thread at a time. */
    private synchronized Link link() throws IOException {
        Link link = closed ? null : netlink.link(name());
        if (link == null) {
            throw new IOException("the interface " + name() + " has ended");
        }
        return link;
    }

    private synchronized void closeNetlink() {
        closed = true;
        netlink.close();
    }
}
