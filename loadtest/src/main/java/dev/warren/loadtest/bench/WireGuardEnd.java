package dev.warren.loadtest.bench;

import dev.warren.protocol.crypto.Aead;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.DropReason;
import dev.warren.protocol.wireguard.IpPrefix;
import dev.warren.protocol.wireguard.Origin;
import dev.warren.protocol.wireguard.Peer;
import java.net.InetSocketAddress;
import java.util.random.RandomGenerator;

/**
 * One end of a tunnel between two devices in one thread. It remembers where the message lies that it sent last; any drop
 * is an error, so that nothing is measured that was thrown away.
 */
final class WireGuardEnd implements Device.Output {
    /** The TUN's MTU. */
    static final int MTU = 1420;

    /** Bytes of the longest message. */
    static final int MAX_MESSAGE = MTU + 64;

    /** IPv4, UDP, from 10.0.0.1 to 10.0.0.2 (RFC 791 section 3.1); the length is filled in. */
    private static final byte[] HEADER = {0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2};

    /** 2026-11-22: the handshake's timestamps need some wall time. */
    private static final long UNIX_OFFSET_NANOS = 1_795_305_600_000_000_000L;

    private final Device device;
    private final Origin origin;
    private byte[] sent = new byte[0];
    private int sentAt;
    private int sentLength;
    private long deliveredBytes;

    private WireGuardEnd(int number, RandomGenerator random, Aead.Factory ciphers) {
        this.device = new Device(NodePrivateKey.generate(random), MTU, random, ciphers, this);
        this.device.setUnixOffset(UNIX_OFFSET_NANOS);
        this.origin = new Origin.Direct(new InetSocketAddress("192.0.2." + number, 51820));
    }

    /** Two ends that know each other, 10.0.0.1 and 10.0.0.2, without a session. */
    static WireGuardEnd[] pair(RandomGenerator random, Aead.Factory ciphers) {
        WireGuardEnd one = new WireGuardEnd(1, random, ciphers);
        WireGuardEnd two = new WireGuardEnd(2, random, ciphers);
        one.know(two, "10.0.0.2/32");
        two.know(one, "10.0.0.1/32");
        return new WireGuardEnd[] {one, two};
    }

    /** An IPv4 packet from 10.0.0.1 to 10.0.0.2, behind the room that the device needs. */
    static byte[] packet(int length) {
        byte[] buffer = new byte[Device.HEADROOM + length + Device.TAILROOM];
        writeHeader(buffer);
        return buffer;
    }

    /** Makes a packet of {@link #packet} one again after it was sealed in place. */
    static void writeHeader(byte[] packet) {
        System.arraycopy(HEADER, 0, packet, Device.HEADROOM, HEADER.length);
        int length = packet.length - Device.HEADROOM - Device.TAILROOM;
        packet[Device.HEADROOM + 2] = (byte) (length >> 8);
        packet[Device.HEADROOM + 3] = (byte) length;
    }

    private void know(WireGuardEnd other, String prefix) {
        Peer peer = device.addPeer(other.device.publicKey(), 0);
        device.allowedIps().insert(IpPrefix.parse(prefix), peer);
    }

    /** Starts a handshake: the initiation is what was sent. The last one must be five seconds ago. */
    void initiate(long nowNanos) {
        sentLength = 0;
        device.initiate(device.peers().iterator().next(), nowNanos);
    }

    /** Takes what {@code other} sent last, in a copy. */
    void takeFrom(WireGuardEnd other, byte[] scratch, long nowNanos) {
        device.receive(scratch, 0, other.copySent(scratch), other.origin, nowNanos);
    }

    /** Takes a message that {@code other} sent; it is opened in place. */
    void take(byte[] message, int length, WireGuardEnd other, long nowNanos) {
        device.receive(message, 0, length, other.origin, nowNanos);
    }

    /** A whole handshake that this end starts, with the keepalive that confirms it. */
    void connect(WireGuardEnd responder, long nowNanos) {
        byte[] scratch = new byte[MAX_MESSAGE];
        initiate(nowNanos);
        responder.takeFrom(this, scratch, nowNanos);
        takeFrom(responder, scratch, nowNanos);
        responder.takeFrom(this, scratch, nowNanos);
    }

    /** Sends the packet that {@link #packet} made, as if the TUN had delivered it. */
    void send(byte[] packet, long nowNanos) {
        device.sendPacket(packet, Device.HEADROOM, packet.length - Device.HEADROOM - Device.TAILROOM, nowNanos);
    }

    /** The device of this end. */
    Device device() {
        return device;
    }

    /** Copies what was sent last, which must be the last thing that was done; returns its length. */
    int copySent(byte[] target) {
        System.arraycopy(sent, sentAt, target, 0, sentLength);
        return sentLength;
    }

    /** Length of what was sent last. */
    int sentLength() {
        return sentLength;
    }

    /** Bytes of packets that came out of the tunnel so far. */
    long deliveredBytes() {
        return deliveredBytes;
    }

    @Override
    public void transmit(Peer peer, byte[] buffer, int offset, int length) {
        sent = buffer;
        sentAt = offset;
        sentLength = length;
    }

    @Override
    public void deliver(Peer peer, byte[] buffer, int offset, int length) {
        deliveredBytes += length;
    }

    @Override
    public void reply(Origin to, byte[] buffer, int offset, int length) {
        throw new IllegalStateException("a cookie was asked for");
    }

    @Override
    public void authenticated(Peer peer, Origin from, boolean handshake, long nowNanos) {}

    @Override
    public void established(Peer peer, long nowNanos) {}

    @Override
    public void dropped(DropReason reason) {
        throw new IllegalStateException("dropped: " + reason);
    }
}
