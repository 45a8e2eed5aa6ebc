package dev.warren.node.api;

import dev.warren.node.control.UapiDeviceView;
import dev.warren.node.control.UapiSet;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.PresharedKey;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

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

    /** What a peer gets, all of it; an endpoint that is empty or a name stays as it is. */
    static UapiSet.Peer set(PeerConfig peer) {
        return new UapiSet.Peer(
                peer.publicKey(),
                UapiSet.Action.UPSERT,
                peer.presharedKey().orElseGet(PresharedKey::none),
                peer.endpoint().flatMap(Endpoint::address).orElse(null),
                peer.persistentKeepaliveSeconds(),
                true,
                peer.allowedIps().stream()
                        .map(block -> new UapiSet.AllowedIp(block, false))
                        .toList());
    }

    /** A request that changes peers alone. */
    static UapiSet peers(UapiSet.Peer... changes) {
        return new UapiSet(null, false, null, null, false, List.of(changes));
    }

    /** What a device is set to; to be called on its thread, as {@code view} holds the preshared keys in use. */
    static InterfaceConfig config(String name, UapiDeviceView view, List<InterfaceAddress> addresses, int mtuBytes) {
        Optional<NodePrivateKey> key = Optional.ofNullable(view.privateKey());
        List<PeerConfig> peers =
                view.peers().stream().map(DeviceSettings::config).toList();
        return new InterfaceConfig(name, key, view.listenPort(), view.fwmark(), addresses, mtuBytes, peers);
    }

    static PeerConfig config(UapiDeviceView.Peer peer) {
        byte[] bytes = peer.presharedKey().bytes();
        PresharedKey preshared = PresharedKey.of(bytes);
        Arrays.fill(bytes, (byte) 0);
        return new PeerConfig(
                peer.publicKey(),
                Optional.of(preshared),
                Optional.ofNullable(peer.endpoint())
                        .filter(address -> address.getPort() != 0) // wg takes it, and it means nothing
                        .map(Endpoint::of),
                peer.allowedIps(),
                peer.keepaliveSeconds());
    }
}
