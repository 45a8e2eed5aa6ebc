package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.IPPROTO_UDP;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;

/**
 * Finds out which {@link Offloads} the running kernel has, by using them: with a train over the loopback interface, and
 * with a super-packet into a TUN device in a network namespace that is gone afterwards. That a call is accepted does not
 * say much, as some kernels accept and then do it wrong.
 *
 * <p>What cannot be tried is taken for good when the kernel knows it: a loopback interface that is down, no right to
 * make a namespace (CAP_SYS_ADMIN). Takes some milliseconds, and a fifth of a second for each thing that gets lost.
 */
public final class OffloadProbe {
    private static final long WAIT_NANOS = 200_000_000;
    private static final int SEGMENTS = 3;
    private static final int SEGMENT_BYTES = 400;
    private static final int TRAIN_BYTES = SEGMENTS * SEGMENT_BYTES;

    /** virtio_net.h: VIRTIO_NET_HDR_GSO_TCPV4 and VIRTIO_NET_HDR_GSO_UDP_L4. */
    private static final int TCP_KIND = 1;

    private static final int UDP_KIND = 5;
    private static final int IPV4_BYTES = 20;
    private static final ValueLayout.OfShort NATIVE = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfShort NETWORK = NATIVE.withOrder(ByteOrder.BIG_ENDIAN);

    private final MemorySegment train = Arena.ofAuto().allocate(TRAIN_BYTES, 64);

    private OffloadProbe() {
        for (int i = 0; i < TRAIN_BYTES; i++) {
            train.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 31 + (i >> 8)));
        }
    }

    private enum Outcome {
        RIGHT,
        WRONG,
        UNKNOWN
    }

    /** What works, found out once in a process: by {@link #ahead}, or now. */
    public static Offloads shared() {
        return Once.FOUND;
    }

    /** Begins to find out what {@link #shared} will tell, on a thread of its own which ends with that. */
    public static void ahead() {
        Thread.ofPlatform().name("offload-probe").daemon().start(() -> {
            Offloads _ = shared();
        });
    }

    private static final class Once {
        static final Offloads FOUND = run();
    }

    /** What works. */
    static Offloads run() {
        OffloadProbe probe = new OffloadProbe();
        TunOffloads tun = probe.tun();
        return new Offloads(tun.tcp(), tun.udp(), probe.socketGso(), probe.socketGro());
    }

    private boolean socketGso() {
        try (UdpSocket sender = loopback();
                UdpSocket receiver = loopback()) {
            return switch (carry(sender, receiver)) {
                case RIGHT -> true;
                case WRONG -> false;
                case UNKNOWN -> sender.knowsTrains();
            };
        } catch (LinuxException noLoopback) {
            return false;
        }
    }

    private boolean socketGro() {
        try (UdpSocket sender = loopback();
                UdpSocket receiver = loopback()) {
            return receiver.enable(new UdpFeatures(true, false, false)).gro()
                    && carry(sender, receiver) != Outcome.WRONG;
        } catch (LinuxException noLoopback) {
            return false;
        }
    }

    private static UdpSocket loopback() throws LinuxException {
        return UdpSocket.bind(
                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), new UdpOptions(1 << 16, 1 << 16, 0));
    }

    /** Sends the train, all segments of one length, and looks at what arrives. */
    private Outcome carry(UdpSocket sender, UdpSocket receiver) throws LinuxException {
        InetSocketAddress to = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), receiver.port());
        GsoBatch batch = new GsoBatch(1, 0, true);
        for (int i = 0; i < SEGMENTS; i++) {
            batch.add(to, null, 0, train, (long) i * SEGMENT_BYTES, SEGMENT_BYTES);
        }
        RefusedTrain refused = new RefusedTrain();
        boolean isGone = sender.send(batch, refused);
        if (refused.seen || !batch.isGso()) {
            return Outcome.WRONG;
        }
        return isGone ? arrive(receiver) : Outcome.UNKNOWN;
    }

    private Outcome arrive(UdpSocket receiver) throws LinuxException {
        GroBatch batch = new GroBatch(SEGMENTS);
        int arrived = 0;
        try (Poller poller = Poller.open()) {
            poller.add(receiver.descriptor(), 0, true, false);
            long deadline = Clock.bootTimeNanos() + WAIT_NANOS;
            while (arrived < TRAIN_BYTES && Clock.bootTimeNanos() < deadline) {
                poller.await(deadline);
                int messages = receiver.receive(batch);
                for (int i = 0; i < messages; i++) {
                    if (!isRight(batch, i, arrived)) {
                        return Outcome.WRONG;
                    }
                    arrived += batch.length(i);
                }
            }
        }
        // A part that arrives alone is no better than a wrong one.
        return arrived == TRAIN_BYTES ? Outcome.RIGHT : arrived == 0 ? Outcome.UNKNOWN : Outcome.WRONG;
    }

    private boolean isRight(GroBatch batch, int index, int arrived) {
        int length = batch.length(index);
        long from = batch.offset(index);
        return batch.segmentBytes(index) == SEGMENT_BYTES
                && length % SEGMENT_BYTES == 0
                && arrived + length <= TRAIN_BYTES
                && MemorySegment.mismatch(batch.memory(), from, from + length, train, arrived, arrived + length) < 0;
    }

    /** Whether the kernel said no to the train. */
    private static final class RefusedTrain implements UdpSocket.Refused {
        private boolean seen;

        @Override
        public void refused(InetSocketAddress destination, int errno) {
            // No loopback interface, or a firewall on it: that says nothing about trains.
        }

        @Override
        public void trainRefused(InetSocketAddress destination, int segmentBytes) {
            seen = true;
        }
    }

    private TunOffloads tun() {
        try (NetworkNamespace namespace = NetworkNamespace.create()) {
            return namespace.call(() -> tunInside());
        } catch (IOException noNamespace) {
            return TunOffloads.ALL; // whoever opens the real one is told what the kernel knows
        }
    }

    private TunOffloads tunInside() {
        try (TunDevice tun = TunDevice.open("probe", TunOffloads.ALL);
                Netlink netlink = Netlink.open()) {
            netlink.bringUp(tun.name(), 1500);
            TunOffloads granted = tun.offloads();
            boolean tcp = granted.tcp() && takes(tun, TCP_KIND, 6, 20, 16);
            boolean udp = granted.udp() && takes(tun, UDP_KIND, IPPROTO_UDP, 8, 6);
            return new TunOffloads(granted.checksum(), tcp, udp);
        } catch (LinuxException noTun) {
            return TunOffloads.NONE;
        }
    }

    /** Whether the kernel takes a super-packet of that kind; it goes nowhere, as nobody has its address. */
    private boolean takes(TunDevice tun, int kind, int protocol, int headerBytes, int sumOffset) throws LinuxException {
        int ip = tun.headerBytes();
        int length = ip + IPV4_BYTES + headerBytes + TRAIN_BYTES;
        MemorySegment packet = Arena.ofAuto().allocate(length, 8);
        packet.set(ValueLayout.JAVA_BYTE, 0, (byte) 1); // VIRTIO_NET_HDR_F_NEEDS_CSUM
        packet.set(ValueLayout.JAVA_BYTE, 1, (byte) kind);
        packet.set(NATIVE, 2, (short) (IPV4_BYTES + headerBytes));
        packet.set(NATIVE, 4, (short) SEGMENT_BYTES);
        packet.set(NATIVE, 6, (short) IPV4_BYTES);
        packet.set(NATIVE, 8, (short) sumOffset);
        packet.set(NETWORK, ip, (short) 0x4500);
        packet.set(NETWORK, ip + 2L, (short) (length - ip));
        packet.set(NETWORK, ip + 8L, (short) (0x4000 | protocol));
        packet.set(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), ip + 12L, 0xc0000201); // 192.0.2.1
        packet.set(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), ip + 16L, 0xc0000202);
        int transport = ip + IPV4_BYTES;
        packet.set(NETWORK, transport + 2L, (short) 9);
        if (kind == TCP_KIND) {
            packet.set(NETWORK, transport + 12L, (short) 0x5010); // five words, ACK
        } else {
            packet.set(NETWORK, transport + 4L, (short) (headerBytes + TRAIN_BYTES));
        }
        MemorySegment.copy(train, 0, packet, transport + headerBytes, TRAIN_BYTES);
        return tun.write(packet, 0, length);
    }
}
