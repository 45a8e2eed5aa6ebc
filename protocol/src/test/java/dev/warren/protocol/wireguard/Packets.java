package dev.warren.protocol.wireguard;

import java.net.InetAddress;
import java.util.random.RandomGenerator;

/** Inner IP packets with correct addresses and lengths; the rest of their headers is of no interest here. */
final class Packets {
    private Packets() {}

    /** An IPv4 packet of {@code length} bytes in all. */
    static byte[] ipv4(String source, String destination, int length) {
        byte[] packet = new byte[length];
        packet[0] = 0x45;
        packet[2] = (byte) (length >>> 8);
        packet[3] = (byte) length;
        System.arraycopy(InetAddress.ofLiteral(source).getAddress(), 0, packet, 12, 4);
        System.arraycopy(InetAddress.ofLiteral(destination).getAddress(), 0, packet, 16, 4);
        return packet;
    }

    /** An IPv6 packet of {@code length} bytes in all. */
    static byte[] ipv6(String source, String destination, int length) {
        byte[] packet = new byte[length];
        packet[0] = 0x60;
        packet[4] = (byte) ((length - 40) >>> 8);
        packet[5] = (byte) (length - 40);
        System.arraycopy(InetAddress.ofLiteral(source).getAddress(), 0, packet, 8, 16);
        System.arraycopy(InetAddress.ofLiteral(destination).getAddress(), 0, packet, 24, 16);
        return packet;
    }

    /** An IPv4 packet with a random payload. */
    static byte[] random(String source, String destination, int length, RandomGenerator random) {
        byte[] packet = ipv4(source, destination, length);
        for (int i = 20; i < length; i++) {
            packet[i] = (byte) random.nextInt();
        }
        return packet;
    }
}
