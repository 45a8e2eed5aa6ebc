package dev.warren.node.control;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.AllowedIps;
import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.Peer;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The UAPI of a {@link Device}. Peers of the coordinator are shown, but a request that touches one, its addresses, or
 * the set of peers as a whole is refused with EPERM before anything is changed; a very long one is asked about in parts.
 * To be used on the device's thread.
 */
public final class DeviceUapiTarget implements UapiTarget {
    private final Device device;
    private final UapiHost host;
    private final LongSupplier nowNanos;

    /** A target for {@code device}; {@code nowNanos} is its monotonic clock. */
    public DeviceUapiTarget(Device device, UapiHost host, LongSupplier nowNanos) {
        this.device = device;
        this.host = host;
        this.nowNanos = nowNanos;
    }

    @Override
    public UapiDeviceView view() {
        List<UapiDeviceView.Peer> peers =
                device.peers().stream().map(this::view).toList();
        return new UapiDeviceView(
                device.hasPrivateKey() ? device.privateKey() : null, host.listenPort(), host.fwmark(), peers);
    }

    @Override
    public void apply(UapiSet set) throws UapiException {
        if (set.forgetsKey()) {
            device.forgetPrivateKey(nowNanos.getAsLong());
        } else if (set.privateKey() != null) {
            useKey(set.privateKey());
        }
        if (set.listenPort() != null) {
            host.setListenPort(set.listenPort());
        }
        if (set.fwmark() != null) {
            host.setFwmark(set.fwmark());
        }
        if (set.replacePeers()) {
            for (Peer peer : List.copyOf(device.peers())) {
                device.removePeer(peer.publicKey());
            }
        }
        for (UapiSet.Peer change : set.peers()) {
            apply(change);
        }
    }

    private void useKey(NodePrivateKey key) {
        // A key that is the old one again would end every session for nothing.
        if (!key.publicKey().equals(device.publicKey())) {
            device.setPrivateKey(key, nowNanos.getAsLong());
        }
    }

    private UapiDeviceView.Peer view(Peer peer) {
        return new UapiDeviceView.Peer(
                peer.publicKey(),
                peer.presharedKey(),
                host.endpoint(peer),
                peer.lastHandshakeUnixNanos(),
                peer.rxBytes(),
                peer.txBytes(),
                peer.persistentKeepaliveSeconds(),
                device.allowedIps().prefixes(peer));
    }

    @Override
    public void check(UapiSet set) throws UapiException {
        if ((set.privateKey() != null || set.forgetsKey()) && !host.mayChangeKey()) {
            throw refused("this node's key belongs to the coordinator's mesh");
        }
        if (set.replacePeers() && device.peers().stream().anyMatch(host::isManaged)) {
            throw refused("some peers belong to the coordinator, so they can't all be replaced");
        }
        for (UapiSet.Peer change : set.peers()) {
            Peer peer = device.peer(change.publicKey());
            if (peer != null && host.isManaged(peer)) {
                throw refused("the peer " + change.publicKey().shortText() + " belongs to the coordinator");
            }
            for (UapiSet.AllowedIp allowedIp : change.allowedIps()) {
                Peer owner = device.allowedIps().owner(allowedIp.prefix());
                if (owner != null && host.isManaged(owner)) {
                    throw refused(allowedIp.prefix() + " belongs to a peer of the coordinator");
                }
            }
        }
    }

    private void apply(UapiSet.Peer change) throws UapiException {
        NodePublicKey key = change.publicKey();
        switch (change.action()) {
            case REMOVE -> device.removePeer(key);
            case UPDATE_ONLY -> {
                Peer peer = device.peer(key);
                if (peer != null) {
                    configure(peer, change);
                }
            }
            case UPSERT -> {
                // A section for the interface's own key is ignored, as the kernel does.
                if (!key.equals(device.publicKey())) {
                    configure(added(key), change);
                }
            }
        }
    }

    private Peer added(NodePublicKey key) throws UapiException {
        if (device.peer(key) == null && device.isFull()) {
            // The number is wireguard-go's; the kernel, which has room for more, says ENOMEM.
            throw new UapiException(
                    UapiErrno.EINVAL, "an interface has " + Device.MAX_PEERS + " peers at most: remove one first");
        }
        return device.addPeer(key, nowNanos.getAsLong());
    }

    private void configure(Peer peer, UapiSet.Peer change) {
        if (change.presharedKey() != null) {
            peer.setPresharedKey(change.presharedKey());
        }
        InetSocketAddress endpoint = change.endpoint();
        if (endpoint != null && endpoint.isUnresolved()) {
            host.endpointNamed(peer, endpoint.getHostString(), endpoint.getPort());
        } else if (endpoint != null) {
            host.endpointSet(peer);
            peer.setEndpoint(endpoint);
        }
        AllowedIps allowedIps = device.allowedIps();
        if (change.replaceAllowedIps()) {
            allowedIps.removeAll(peer);
        }
        for (UapiSet.AllowedIp allowedIp : change.allowedIps()) {
            if (allowedIp.remove()) {
                allowedIps.remove(allowedIp.prefix(), peer);
            } else {
                allowedIps.insert(allowedIp.prefix(), peer);
            }
        }
        if (change.keepaliveSeconds() != null) {
            // Last: it sends a packet, which needs the rest.
            peer.setPersistentKeepalive(change.keepaliveSeconds(), nowNanos.getAsLong());
        }
    }

    private static UapiException refused(String why) {
        return new UapiException(UapiErrno.EPERM, why);
    }
}
