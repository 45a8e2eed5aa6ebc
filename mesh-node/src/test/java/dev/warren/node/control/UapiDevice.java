package dev.warren.node.control;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.testing.Seeds;
import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.DropReason;
import dev.warren.protocol.wireguard.IpPrefix;
import dev.warren.protocol.wireguard.Origin;
import dev.warren.protocol.wireguard.Peer;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A WireGuard device of a mesh node without the node: one managed peer, a port that moves, and 7 taken. */
final class UapiDevice implements UapiHost, Device.Output {
    static final int TAKEN_PORT = 7;

    final NodePrivateKey key = NodePrivateKey.generate(Seeds.random(1));
    final Device device = new Device(key, 1280, Seeds.random(2), this);
    final DeviceUapiTarget target = new DeviceUapiTarget(device, this, () -> 1_000_000_000L);
    final Peer managed;
    boolean mayChangeKey;
    int transmitted;
    final List<String> named = new ArrayList<>();
    private int port = 51820;
    private int mark;

    UapiDevice() {
        managed = device.addPeer(NodePrivateKey.generate(Seeds.random(3)).publicKey(), 0);
        managed.setAttachment("coordinator");
        device.allowedIps().insert(IpPrefix.parse("100.64.0.9/32"), managed);
    }

    @Override
    public int listenPort() {
        return port;
    }

    @Override
    public void setListenPort(int newPort) throws UapiException {
        if (newPort == TAKEN_PORT) {
            throw new UapiException(UapiErrno.EADDRINUSE, "port 7 is taken");
        }
        port = newPort;
    }

    @Override
    public int fwmark() {
        return mark;
    }

    @Override
    public void setFwmark(int newMark) {
        mark = newMark;
    }

    @Override
    public boolean mayChangeKey() {
        return mayChangeKey;
    }

    @Override
    public boolean isManaged(Peer peer) {
        return peer.attachment() != null;
    }

    @Override
    public void endpointNamed(Peer peer, String host, int newPort) {
        named.add(host + ":" + newPort);
    }

    @Override
    public @Nullable InetSocketAddress endpoint(Peer peer) {
        return peer.endpoint();
    }

    @Override
    public void transmit(Peer peer, MemorySegment memory, long offset, int length, int trafficClass) {
        transmitted++;
    }

    @Override
    public void reply(Origin origin, byte[] buffer, int offset, int length) {}

    @Override
    public void deliver(Peer peer, MemorySegment memory, long offset, int length) {}

    @Override
    public void authenticated(Peer peer, Origin origin, boolean handshake, long nowNanos) {}

    @Override
    public void established(Peer peer, long nowNanos) {}

    @Override
    public void dropped(DropReason reason) {}
}
