package dev.warren.protocol.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.protocol.crypto.LittleEndian;
import dev.warren.protocol.simulation.Host;
import dev.warren.protocol.simulation.SimNetwork;
import dev.warren.protocol.simulation.Timeline;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** A device on a host of the simulated network, which keeps the books on every packet that goes in and out. */
final class SimDevice implements Timeline.Actor {
    private static final int PORT = 51820;

    final TestNode node;
    private final SimNetwork network;
    private final Host host;
    private final double duplicated;
    private final String otherAddress;
    private final Origin otherOrigin;
    private final Set<Ciphertext> headers = new HashSet<>();
    private boolean asleep;
    int sent;
    int sealed;
    int arrived;

    /** Between {@code node} and {@code other}; {@code duplicated} of its messages the network delivers twice. */
    SimDevice(TestNode node, TestNode other, SimNetwork network, double duplicated) {
        String address = address(node);
        this.node = node;
        this.otherAddress = address(other);
        this.otherOrigin = other.origin;
        this.network = network;
        this.duplicated = duplicated;
        this.host = network.host(address, network.internet(), address);
        wake();
        network.time().add(this);
    }

    Host host() {
        return host;
    }

    /** A packet from the TUN. */
    void send(byte[] packet) {
        sent++;
        node.send(packet, network.time().nowNanos());
        transmit();
    }

    /** The machine stands still and hears nothing; its clock goes on. */
    void sleep() {
        asleep = true;
        host.close(PORT);
    }

    void wake() {
        asleep = false;
        host.bind(PORT, (_, payload, _) -> receive(payload));
    }

    @Override
    public long nextDeadlineNanos() {
        return asleep ? Long.MAX_VALUE : node.device.nextDeadlineNanos();
    }

    @Override
    public void poll(long nowNanos) {
        node.device.poll(nowNanos);
        transmit();
    }

    /** What is new here comes out at once, and what was here before never again. */
    private void receive(byte[] message) {
        int before = node.delivered.size();
        node.receive(message, otherOrigin, network.time().nowNanos());
        boolean fresh = carriesPacket(message) && headers.add(Ciphertext.of(message, 0, DataMessage.HEADER_LENGTH));
        arrived += fresh ? 1 : 0;
        assertEquals(before + (fresh ? 1 : 0), node.delivered.size(), () -> "at " + network + ": " + node.dropped);
        transmit();
    }

    private void transmit() {
        while (!node.transmitted.isEmpty()) {
            byte[] message = node.transmitted.remove();
            sealed += carriesPacket(message) ? 1 : 0;
            InetSocketAddress address = new InetSocketAddress(otherAddress, PORT);
            host.send(PORT, address, message, 0, message.length);
            if (network.random().nextDouble() < duplicated) {
                network.time().after(Duration.ofMillis(network.random().nextInt(300)), () -> {
                    if (!asleep) {
                        host.send(PORT, address, message, 0, message.length);
                    }
                });
            }
        }
    }

    private static String address(TestNode node) {
        return ((Origin.Direct) node.origin).address().getHostString();
    }

    private static boolean carriesPacket(byte[] message) {
        return LittleEndian.readInt(message, 0) == MessageType.DATA.code() && message.length > DataMessage.OVERHEAD;
    }
}
