package dev.warren.loadtest.bench;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.warren.protocol.crypto.PacketCipher;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.DropReason;
import dev.warren.protocol.wireguard.IpPrefix;
import dev.warren.protocol.wireguard.Origin;
import dev.warren.protocol.wireguard.Peer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
    private MemorySegment sent = MemorySegment.NULL;
    private long sentAt;
    private int sentLength;
    private long deliveredBytes;

    private WireGuardEnd(int number, RandomGenerator random, PacketCipher.Factory ciphers) {
        this.device = new Device(NodePrivateKey.generate(random), MTU, random, ciphers, this);
        this.device.setUnixOffset(UNIX_OFFSET_NANOS);
        this.origin = new Origin.Direct(new InetSocketAddress("192.0.2." + number, 51820));
    }

    /** Two ends that know each other, 10.0.0.1 and 10.0.0.2, without a session. */
    static WireGuardEnd[] pair(RandomGenerator random, PacketCipher.Factory ciphers) {
        WireGuardEnd one = new WireGuardEnd(1, random, ciphers);
        WireGuardEnd two = new WireGuardEnd(2, random, ciphers);
        one.know(two, "10.0.0.2/32");
        two.know(one, "10.0.0.1/32");
        return new WireGuardEnd[] {one, two};
    }

    /** An IPv4 packet from 10.0.0.1 to 10.0.0.2, behind the room that the device needs. */
    static MemorySegment packet(int length) {
        MemorySegment buffer = Arena.ofAuto().allocate(Device.HEADROOM + length + Device.TAILROOM);
        writeHeader(buffer);
        return buffer;
    }

    /** Makes a packet of {@link #packet} one again after it was sealed in place. */
    static void writeHeader(MemorySegment packet) {
        MemorySegment.copy(HEADER, 0, packet, JAVA_BYTE, Device.HEADROOM, HEADER.length);
        int length = (int) packet.byteSize() - Device.HEADROOM - Device.TAILROOM;
        packet.set(JAVA_BYTE, Device.HEADROOM + 2, (byte) (length >> 8));
        packet.set(JAVA_BYTE, Device.HEADROOM + 3, (byte) length);
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
    void takeFrom(WireGuardEnd other, MemorySegment scratch, long nowNanos) {
        device.receive(scratch, 0, other.copySent(scratch), 0, other.origin, nowNanos);
    }

    /** Takes a message that {@code other} sent; it is opened in place. */
    void take(MemorySegment message, int length, WireGuardEnd other, long nowNanos) {
        device.receive(message, 0, length, 0, other.origin, nowNanos);
    }

    /** A whole handshake that this end starts, with the keepalive that confirms it. */
    void connect(WireGuardEnd responder, long nowNanos) {
        MemorySegment scratch = Arena.ofAuto().allocate(MAX_MESSAGE);
        initiate(nowNanos);
        responder.takeFrom(this, scratch, nowNanos);
        takeFrom(responder, scratch, nowNanos);
        responder.takeFrom(this, scratch, nowNanos);
    }

    /** Sends the packet that {@link #packet} made, as if the TUN had delivered it. */
    void send(MemorySegment packet, long nowNanos) {
        int length = (int) packet.byteSize() - Device.HEADROOM - Device.TAILROOM;
        device.sendPacket(packet, Device.HEADROOM, length, nowNanos);
    }

    /** The device of this end. */
    Device device() {
        return device;
    }

    /** Copies what was sent last, which must be the last thing that was done; returns its length. */
    int copySent(MemorySegment target) {
        MemorySegment.copy(sent, sentAt, target, 0, sentLength);
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
    public void transmit(Peer peer, MemorySegment memory, long offset, int length, int trafficClass) {
        sent = memory;
        sentAt = offset;
        sentLength = length;
    }

    @Override
    public void deliver(Peer peer, MemorySegment memory, long offset, int length) {
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
