package dev.warren.node.offload;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;

/** An IP packet with TCP or UDP in it, written field by field: the slow and obvious model of what is tested. */
final class TestPacket {
    boolean ipv4 = true;
    boolean tcp = true;
    /** What the IP header says the transport is; 0 for what it is. */
    int protocol;

    byte[] source = {10, 0, 0, 1};
    byte[] destination = {10, 0, 0, 2};
    int tos;
    int flow;
    int ttl = 64;
    int id = 1000;
    int fragment = 0x4000;
    byte[] ipOptions = {};
    /** IPv6 extension headers; the first has to be destination options, and the last to name the transport. */
    byte[] extensions = {};

    int sourcePort = 1234;
    int destinationPort = 80;
    int sequence = 1;
    int acknowledged = 77;
    int flags = 0x10;
    int window = 500;
    int urgent;
    byte[] tcpOptions = {};
    byte[] payload = {};

    TestPacket copy() {
        TestPacket copy = new TestPacket();
        copy.ipv4 = ipv4;
        copy.tcp = tcp;
        copy.protocol = protocol;
        copy.source = source;
        copy.destination = destination;
        copy.tos = tos;
        copy.flow = flow;
        copy.ttl = ttl;
        copy.id = id;
        copy.fragment = fragment;
        copy.ipOptions = ipOptions;
        copy.extensions = extensions;
        copy.sourcePort = sourcePort;
        copy.destinationPort = destinationPort;
        copy.sequence = sequence;
        copy.acknowledged = acknowledged;
        copy.flags = flags;
        copy.window = window;
        copy.urgent = urgent;
        copy.tcpOptions = tcpOptions;
        copy.payload = payload;
        return copy;
    }

    TestPacket ipv6() {
        ipv4 = false;
        source = HexFormat.of().parseHex("fd000000000000000000000000000001");
        destination = HexFormat.of().parseHex("fd000000000000000000000000000002");
        return this;
    }

    TestPacket udp() {
        tcp = false;
        return this;
    }

    TestPacket with(byte[] payload) {
        this.payload = payload;
        return this;
    }

    /** The next packet of the flow, with {@code payload}. */
    TestPacket next(byte[] payload) {
        TestPacket next = copy();
        next.sequence += this.payload.length;
        next.id = (id + 1) & 0xffff;
        next.payload = payload;
        return next;
    }

    /** Any header, with whatever a kernel may put into one. */
    static TestPacket random(RandomGenerator random) {
        TestPacket packet = new TestPacket();
        if (random.nextBoolean()) {
            packet.ipv6();
            packet.flow = random.nextInt(1 << 20);
        }
        packet.source = bytes(random, packet.source.length);
        packet.destination = bytes(random, packet.source.length);
        packet.tcp = random.nextBoolean();
        packet.tos = random.nextInt(256);
        packet.ttl = random.nextInt(1, 256);
        packet.id = random.nextInt(0x10000);
        packet.fragment = random.nextBoolean() ? 0x4000 : 0;
        packet.sourcePort = random.nextInt(0x10000);
        packet.destinationPort = random.nextInt(0x10000);
        packet.sequence = random.nextInt();
        packet.acknowledged = random.nextInt();
        packet.window = random.nextInt(0x10000);
        packet.tcpOptions = bytes(random, 4 * random.nextInt(11));
        return packet;
    }

    static byte[] bytes(RandomGenerator random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    int ipHeaderLength() {
        return ipv4 ? 20 + ipOptions.length : 40 + extensions.length;
    }

    int headerLength() {
        return ipHeaderLength() + (tcp ? 20 + tcpOptions.length : 8);
    }

    /** The packet as it goes over a network. */
    byte[] bytes() {
        byte[] transport = transport(0);
        int checksum = ~SlowChecksum.sum(pseudoHeader(transport.length), transport) & 0xffff;
        if (!tcp && checksum == 0) {
            checksum = 0xffff;
        }
        return concat(ipHeader(transport.length), transport(checksum));
    }

    /** As a kernel hands it over whose card completes checksums. */
    byte[] bytesWithoutChecksum() {
        int length = transport(0).length;
        return concat(ipHeader(length), transport(SlowChecksum.sum(pseudoHeader(length))));
    }

    /** A super-packet as a TUN device brings it, with its virtio header. */
    byte[] superPacket(int segmentSize) {
        int type = tcp ? (ipv4 ? 1 : 4) : 5;
        byte[] virtio = virtio(1, type, 0, segmentSize, ipHeaderLength(), tcp ? 16 : 6);
        return concat(virtio, bytesWithoutChecksum());
    }

    /** What {@link #superPacket} stands for. */
    List<byte[]> cut(int segmentSize) {
        List<byte[]> packets = new ArrayList<>();
        int count = Math.max(1, (payload.length + segmentSize - 1) / segmentSize);
        for (int i = 0; i < count; i++) {
            TestPacket packet = copy();
            packet.payload =
                    Arrays.copyOfRange(payload, i * segmentSize, Math.min(payload.length, (i + 1) * segmentSize));
            packet.id = (id + i) & 0xffff;
            packet.sequence = sequence + i * segmentSize;
            packet.flags &= i == 0 ? 0xfff : ~0x80;
            packet.flags &= i == count - 1 ? 0xfff : ~0x09;
            packets.add(packet.bytes());
        }
        return packets;
    }

    static byte[] virtio(int flags, int type, int headerLength, int segmentSize, int start, int offset) {
        return written(out -> {
            out.write(flags);
            out.write(type);
            for (int number : new int[] {headerLength, segmentSize, start, offset}) {
                out.writeShort(Short.reverseBytes((short) number)); // the tests' machines are little-endian
            }
        });
    }

    private byte[] ipHeader(int transportLength) {
        if (!ipv4) {
            return concat(
                    written(out -> {
                        out.writeInt((6 << 28) | (tos << 20) | flow);
                        out.writeShort(extensions.length + transportLength);
                        out.write(extensions.length > 0 ? 60 : protocol());
                        out.write(ttl);
                        out.write(source);
                        out.write(destination);
                    }),
                    extensions);
        }
        int checksum = ~SlowChecksum.sum(ipv4Header(transportLength, 0)) & 0xffff;
        return ipv4Header(transportLength, checksum);
    }

    private byte[] ipv4Header(int transportLength, int checksum) {
        return written(out -> {
            out.write(0x45 + ipOptions.length / 4);
            out.write(tos);
            out.writeShort(20 + ipOptions.length + transportLength);
            out.writeShort(id);
            out.writeShort(fragment);
            out.write(ttl);
            out.write(protocol());
            out.writeShort(checksum);
            out.write(source);
            out.write(destination);
            out.write(ipOptions);
        });
    }

    private byte[] transport(int checksum) {
        return written(out -> {
            out.writeShort(sourcePort);
            out.writeShort(destinationPort);
            if (tcp) {
                out.writeInt(sequence);
                out.writeInt(acknowledged);
                out.writeShort((((20 + tcpOptions.length) / 4) << 12) | flags);
                out.writeShort(window);
                out.writeShort(checksum);
                out.writeShort(urgent);
                out.write(tcpOptions);
            } else {
                out.writeShort(8 + payload.length);
                out.writeShort(checksum);
            }
            out.write(payload);
        });
    }

    private byte[] pseudoHeader(int transportLength) {
        return written(out -> {
            out.write(source);
            out.write(destination);
            out.writeInt(transportLength);
            out.writeInt(protocol());
        });
    }

    private int protocol() {
        if (protocol != 0) {
            return protocol;
        }
        return tcp ? 6 : 17;
    }

    static byte[] concat(byte[]... parts) {
        return written(out -> {
            for (byte[] part : parts) {
                out.write(part);
            }
        });
    }

    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private static byte[] written(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            writing.to(new DataOutputStream(bytes));
        } catch (IOException never) {
            throw new IllegalStateException(never);
        }
        return bytes.toByteArray();
    }
}
