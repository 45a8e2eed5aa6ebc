package dev.warren.loadtest.tunnel;

import dev.warren.node.offload.InternetChecksum;
import dev.warren.protocol.crypto.Blake2s;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Ethernet frames of WireGuard handshake initiations, one behind the other, made before they are needed: each from an
 * address of its own, with a right first MAC (WireGuard paper, section 5.4.4) and nothing behind it.
 */
final class HandshakeFrames {
    /** So many, and so many false addresses. */
    static final int COUNT = 1 << 17;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int ETHERNET_BYTES = 14;
    private static final int ETHERNET_TYPE_AT = 12;
    private static final short ETHERNET_IPV4 = 0x0800;
    private static final short ETHERNET_IPV6 = (short) 0x86dd;
    private static final int IPV4_BYTES = 20;
    private static final int IPV6_BYTES = 40;
    private static final int UDP_BYTES = 8;
    private static final int UDP = 17;
    private static final byte HOPS = 64;
    private static final int INITIATION_BYTES = 148;
    private static final int MAC_BYTES = 16;
    private static final int MAC1_AT = INITIATION_BYTES - 2 * MAC_BYTES;
    private static final int INITIATION_TYPE = 1;
    /** Nobody's: locally administered. */
    private static final byte[] SENDER = {2, 0, 0, 0, 0, 1};

    private final boolean isIpv6;
    private final int ipBytes;
    private final MemorySegment all;

    /**
     * Makes them.
     *
     * @param sources the block that the false addresses are from
     * @param sourcePort of each
     * @param target where they go to
     * @param station the hardware address there, six bytes
     * @param key the target's, of which the first MAC is made
     */
    HandshakeFrames(
            IpPrefix sources,
            int sourcePort,
            InetSocketAddress target,
            byte[] station,
            NodePublicKey key,
            SplittableRandom random) {
        this.isIpv6 = target.getAddress() instanceof Inet6Address;
        this.ipBytes = isIpv6 ? IPV6_BYTES : IPV4_BYTES;
        this.all = Arena.ofAuto().allocate((long) COUNT * bytes(), 8);
        byte[] to = target.getAddress().getAddress();
        byte[] macKey = Blake2s.hash("mac1----".getBytes(StandardCharsets.US_ASCII), key.bytes());
        byte[] message = new byte[INITIATION_BYTES];
        for (int i = 0; i < COUNT; i++) {
            long frame = (long) i * bytes();
            put(station, frame);
            put(SENDER, frame + station.length);
            all.set(SHORT, frame + ETHERNET_TYPE_AT, isIpv6 ? ETHERNET_IPV6 : ETHERNET_IPV4);
            long packet = frame + ETHERNET_BYTES;
            ip(packet, address(sources, random), to);
            initiation(message, macKey, random);
            put(message, packet + ipBytes + UDP_BYTES);
            udp(packet, sourcePort, target.getPort());
        }
    }

    /** The length of each frame, without what the interface adds. */
    int bytes() {
        return ETHERNET_BYTES + ipBytes + UDP_BYTES + INITIATION_BYTES;
    }

    /** All of them. */
    MemorySegment all() {
        return all;
    }

    private void ip(long packet, byte[] from, byte[] to) {
        int behind = UDP_BYTES + INITIATION_BYTES;
        if (isIpv6) {
            // RFC 8200 section 3.
            all.set(ValueLayout.JAVA_BYTE, packet, (byte) 0x60);
            all.set(SHORT, packet + 4, (short) behind);
            all.set(ValueLayout.JAVA_BYTE, packet + 6, (byte) UDP);
            all.set(ValueLayout.JAVA_BYTE, packet + 7, HOPS);
            put(from, packet + 8);
            put(to, packet + 24);
        } else {
            // RFC 791 section 3.1.
            all.set(ValueLayout.JAVA_BYTE, packet, (byte) 0x45);
            all.set(SHORT, packet + 2, (short) (IPV4_BYTES + behind));
            all.set(ValueLayout.JAVA_BYTE, packet + 8, HOPS);
            all.set(ValueLayout.JAVA_BYTE, packet + 9, (byte) UDP);
            put(from, packet + 12);
            put(to, packet + 16);
            all.set(SHORT, packet + 10, (short)
                    InternetChecksum.complement(InternetChecksum.sum(all, packet, IPV4_BYTES)));
        }
    }

    /** RFC 768; what it carries is there already. */
    private void udp(long packet, int sourcePort, int targetPort) {
        long header = packet + ipBytes;
        int length = UDP_BYTES + INITIATION_BYTES;
        all.set(SHORT, header, (short) sourcePort);
        all.set(SHORT, header + 2, (short) targetPort);
        all.set(SHORT, header + 4, (short) length);
        long sum = (long) InternetChecksum.pseudoHeader(all, packet, !isIpv6, UDP, length)
                + InternetChecksum.sum(all, header, length);
        all.set(SHORT, header + 6, (short) InternetChecksum.complementNotZero(sum));
    }

    private static void initiation(byte[] message, byte[] macKey, SplittableRandom random) {
        random.nextBytes(message);
        Arrays.fill(message, 0, Integer.BYTES, (byte) 0);
        message[0] = INITIATION_TYPE;
        byte[] mac = new Blake2s(MAC_BYTES, macKey).update(message, 0, MAC1_AT).finish();
        System.arraycopy(mac, 0, message, MAC1_AT, MAC_BYTES);
        Arrays.fill(message, MAC1_AT + MAC_BYTES, INITIATION_BYTES, (byte) 0);
    }

    /** Any address of a block. */
    private static byte[] address(IpPrefix block, SplittableRandom random) {
        byte[] fixed = block.address().getAddress();
        byte[] address = new byte[fixed.length];
        random.nextBytes(address);
        for (int i = 0; i < address.length; i++) {
            int free = 0xff >>> Math.clamp(block.bits() - (long) Byte.SIZE * i, 0, Byte.SIZE);
            address[i] = (byte) (fixed[i] | (address[i] & free));
        }
        return address;
    }

    private void put(byte[] bytes, long at) {
        MemorySegment.copy(bytes, 0, all, ValueLayout.JAVA_BYTE, at, bytes.length);
    }
}
