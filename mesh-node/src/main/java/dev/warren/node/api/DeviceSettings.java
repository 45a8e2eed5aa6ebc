package dev.warren.node.api;

import dev.warren.node.control.UapiDeviceView;
import dev.warren.node.control.UapiSet;
import dev.warren.node.engine.EndpointName;
import dev.warren.node.engine.EndpointNames;
import dev.warren.node.engine.MeshEngine;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.Peer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Between the records of this package and those of UAPI, which a device is set by whoever asks. */
final class DeviceSettings {
    private DeviceSettings() {}

    /** What an interface that has just been opened, on its port, gets. */
    static UapiSet set(InterfaceConfig config) {
        return new UapiSet(
                config.privateKey().orElse(null),
                false,
                null,
                config.fwmark(),
                true,
                config.peers().stream().map(DeviceSettings::set).toList());
    }

    /** What a peer gets, all of it but a name for its endpoint, see {@link #name}. */
    static UapiSet.Peer set(PeerConfig peer) {
        return set(peer, peer.presharedKey().orElseGet(PresharedKey::none));
    }

    /** The same but for the preshared key, which stays as it is. */
    static UapiSet.Peer setButPresharedKey(PeerConfig peer) {
        return set(peer, null);
    }

    private static UapiSet.Peer set(PeerConfig peer, @Nullable PresharedKey presharedKey) {
        return new UapiSet.Peer(
                peer.publicKey(),
                UapiSet.Action.UPSERT,
                presharedKey,
                peer.endpoint().flatMap(Endpoint::address).orElse(null),
                peer.persistentKeepaliveSeconds(),
                true,
                peer.allowedIps().stream()
                        .map(block -> new UapiSet.AllowedIp(block, false))
                        .toList());
    }

    /** Makes the host name that {@code config} has for the peer's endpoint, if it is one, that of the peer. */
    static void name(PeerConfig config, MeshEngine engine, long nowNanos) {
        Peer peer = engine.device().peer(config.publicKey());
        config.endpoint()
                .filter(endpoint -> peer != null && endpoint.address().isEmpty())
                .ifPresent(
                        name -> engine.names().set(Objects.requireNonNull(peer), name.host(), name.port(), nowNanos));
    }

    /** A request that changes peers alone. */
    static UapiSet peers(UapiSet.Peer... changes) {
        return new UapiSet(null, false, null, null, false, List.of(changes));
    }

    /** What a device is set to; to be called on its thread, as {@code view} holds the preshared keys in use. */
    static InterfaceConfig config(
            String name, UapiDeviceView view, Device device, List<InterfaceAddress> addresses, int mtuBytes) {
        Optional<NodePrivateKey> key = Optional.ofNullable(view.privateKey());
        List<PeerConfig> peers =
                view.peers().stream().map(peer -> config(peer, device)).toList();
        return new InterfaceConfig(name, key, view.listenPort(), view.fwmark(), addresses, mtuBytes, peers);
    }

    /** What a peer is set to, with the name of its endpoint where it has one. */
    static PeerConfig config(UapiDeviceView.Peer peer, Device device) {
        byte[] bytes = peer.presharedKey().bytes();
        PresharedKey preshared = PresharedKey.of(bytes);
        Arrays.fill(bytes, (byte) 0);
        return new PeerConfig(
                peer.publicKey(),
                Optional.of(preshared),
                endpoint(peer, device.peer(peer.publicKey())),
                peer.allowedIps(),
                peer.keepaliveSeconds(),
                Optional.ofNullable(device.peer(peer.publicKey())).map(Peer::pendingPublicKey));
    }

    private static Optional<Endpoint> endpoint(UapiDeviceView.Peer view, @Nullable Peer peer) {
        EndpointName name = peer == null ? null : EndpointNames.of(peer);
        if (name != null) {
            return Optional.of(new Endpoint(name.host(), name.port()));
        }
        return Optional.ofNullable(view.endpoint())
                .filter(address -> address.getPort() != 0) // wg takes it, and it means nothing
                .map(Endpoint::of);
    }
}
