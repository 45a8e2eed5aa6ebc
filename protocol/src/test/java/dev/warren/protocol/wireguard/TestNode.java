package dev.warren.protocol.wireguard;

import dev.warren.protocol.crypto.JdkPacketCipher;
import dev.warren.protocol.crypto.PacketCipher;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** A device that writes down what it puts out. */
final class TestNode implements Device.Output {
    static final int MTU = 1420;
    /** 2026-11-22, in the clock of everybody here. */
    static final long UNIX_OFFSET_NANOS = 1_795_305_600_000_000_000L;

    final NodePrivateKey key;
    final Device device;
    final Origin origin;
    final ArrayDeque<byte[]> transmitted = new ArrayDeque<>();
    final List<Integer> trafficClasses = new ArrayList<>();
    final ArrayDeque<byte[]> replies = new ArrayDeque<>();
    final List<byte[]> delivered = new ArrayList<>();
    final List<Origin> origins = new ArrayList<>();
    /** Whether each of {@link #origins} is a handshake's. */
    final List<Boolean> byHandshake = new ArrayList<>();

    final List<DropReason> dropped = new ArrayList<>();
    int established;
    int unanswered;
    int unreachable;
    boolean hasWay = true;

    TestNode(int number) {
        this(number, Seeds.random(number));
    }

    TestNode(int number, RandomGenerator random) {
        this(number, random, JdkPacketCipher.FACTORY);
    }

    TestNode(int number, RandomGenerator random, PacketCipher.Factory ciphers) {
        this.key = NodePrivateKey.generate(Seeds.random(1000 + number));
        this.device = new Device(key, MTU, random, ciphers, this);
        this.device.setUnixOffset(UNIX_OFFSET_NANOS);
        this.origin = new Origin.Direct(new InetSocketAddress("192.0.2." + number, 51820));
    }

    NodePublicKey publicKey() {
        return key.publicKey();
    }

    /** Makes {@code other} a peer with the given inner addresses. */
    Peer add(TestNode other, String... prefixes) {
        Peer peer = device.addPeer(other.publicKey(), 0);
        for (String prefix : prefixes) {
            device.allowedIps().insert(IpPrefix.parse(prefix), peer);
        }
        return peer;
    }

    /** As if the TUN had delivered the packet. */
    void send(byte[] packet, long nowNanos) {
        byte[] buffer = new byte[Device.HEADROOM + packet.length + Device.TAILROOM];
        System.arraycopy(packet, 0, buffer, Device.HEADROOM, packet.length);
        device.sendPacket(MemorySegment.ofArray(buffer), Device.HEADROOM, packet.length, nowNanos);
    }

    /** A message from {@code from}; received out of the middle of a larger buffer. */
    void receive(byte[] message, TestNode from, long nowNanos) {
        receive(message, from.origin, nowNanos);
    }

    void receive(byte[] message, Origin from, long nowNanos) {
        receive(message, 0, from, nowNanos);
    }

    /** The same, with the ECN bits of the outer header. */
    void receive(byte[] message, int ecn, Origin from, long nowNanos) {
        byte[] buffer = new byte[message.length + 14];
        Arrays.fill(buffer, (byte) 0xa5);
        System.arraycopy(message, 0, buffer, 7, message.length);
        device.receive(MemorySegment.ofArray(buffer), 7, message.length, ecn, from, nowNanos);
        work(nowNanos);
    }

    /** Works on all handshake messages that wait. */
    void work(long nowNanos) {
        while (device.workOnHandshake(nowNanos)) {
            // Each time one less waits.
        }
    }

    /** Hands over everything that both have sent until both are silent. */
    static void exchange(TestNode one, TestNode other, long nowNanos) {
        while (!one.transmitted.isEmpty() || !other.transmitted.isEmpty()) {
            while (!one.transmitted.isEmpty()) {
                other.receive(one.transmitted.remove(), one, nowNanos);
            }
            while (!other.transmitted.isEmpty()) {
                one.receive(other.transmitted.remove(), other, nowNanos);
            }
        }
    }

    @Override
    public void transmit(Peer peer, MemorySegment memory, long offset, int length, int trafficClass) {
        transmitted.add(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
        trafficClasses.add(trafficClass);
    }

    @Override
    public void reply(Origin to, byte[] buffer, int offset, int length) {
        replies.add(Arrays.copyOfRange(buffer, offset, offset + length));
    }

    @Override
    public void deliver(Peer peer, MemorySegment memory, long offset, int length) {
        delivered.add(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
    }

    @Override
    public void authenticated(Peer peer, Origin from, boolean handshake, long nowNanos) {
        origins.add(from);
        byHandshake.add(handshake);
    }

    @Override
    public void established(Peer peer, long nowNanos) {
        established++;
    }

    @Override
    public void unanswered(Peer peer, long nowNanos) {
        unanswered++;
    }

    @Override
    public boolean hasWay(Peer peer) {
        return hasWay;
    }

    @Override
    public void unreachable(MemorySegment memory, long offset, int length) {
        unreachable++;
    }

    @Override
    public void dropped(DropReason reason) {
        dropped.add(reason);
    }
}
