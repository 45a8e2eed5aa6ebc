package dev.warren.protocol.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.stun.BindingRequest;
import dev.warren.protocol.stun.StunClient;
import dev.warren.protocol.stun.TransactionId;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The clock, the trace, and a STUN server behind it all. */
@Timeout(30)
final class SimNetworkTest {
    private static final class Ticker implements Timeline.Actor {
        final List<Long> polledNanos = new ArrayList<>();
        private long nextNanos = Duration.ofHours(1).toNanos();

        @Override
        public long nextDeadlineNanos() {
            return nextNanos;
        }

        @Override
        public void poll(long nowNanos) {
            polledNanos.add(nowNanos);
            nextNanos = polledNanos.size() < 3 ? nowNanos + 7 : Long.MAX_VALUE;
        }
    }

    private static long trace(long seed) {
        SimNetwork network = new SimNetwork(seed);
        Segment lan = network.lan("lan");
        network.nat("nat", NatKind.SYMMETRIC, network.internet(), "198.51.100.1")
                .serve(lan, "10.0.0.1");
        Recorder inner = new Recorder(network.host("inner", lan, "10.0.0.2"), 1);
        Host host = network.host("outer", network.internet(), "203.0.113.1");
        host.link().delay(Duration.ofMillis(5)).jitter(Duration.ofMillis(3)).loss(0.2);
        Recorder outer = new Recorder(host, 2);
        for (int i = 0; i < 100; i++) {
            inner.send(outer.address(), i, 1 + i);
        }
        network.run(Duration.ofSeconds(1));
        return network.trace();
    }

    @Test
    void oneSeedGivesOneCourseOfEvents() {
        assertEquals(trace(1), trace(1));
        assertNotEquals(trace(1), trace(2));
    }

    @Test
    void theTapTellsOfEachDatagramsEnd() {
        SimNetwork network = new SimNetwork(1);
        Recorder a = new Recorder(network.host("a", network.internet(), "203.0.113.1"), 1);
        Recorder b = new Recorder(network.host("b", network.internet(), "203.0.113.2"), 2);
        List<PacketEvent> events = new ArrayList<>();
        network.tap(events::add);
        a.send(b.address());
        a.send(new InetSocketAddress("203.0.113.3", 3));
        network.run(Duration.ofSeconds(1));
        assertEquals(
                List.of("internet", "b"),
                events.stream().map(PacketEvent::place).toList());
        assertEquals(
                List.of(Fate.NO_ROUTE, Fate.DELIVERED),
                events.stream().map(PacketEvent::fate).toList());
        assertEquals(Duration.ofSeconds(1).toNanos(), events.getFirst().atNanos(), "time starts at one second");
        assertEquals(a.address(), events.getLast().datagram().source());
    }

    @Test
    void theClockJumpsToAnActorsDeadlines() {
        SimNetwork network = new SimNetwork(1);
        Ticker ticker = new Ticker();
        network.time().add(ticker);
        network.run(Duration.ofHours(2));
        long hour = Duration.ofHours(1).toNanos();
        assertEquals(List.of(hour, hour + 7, hour + 14), ticker.polledNanos);
        assertEquals(
                Duration.ofHours(2).plusSeconds(1).toNanos(), network.time().nowNanos());
    }

    @Test
    void anActorThatStaysDueIsAFault() {
        SimNetwork network = new SimNetwork(1);
        network.time().add(new Timeline.Actor() {
            @Override
            public long nextDeadlineNanos() {
                return 0;
            }

            @Override
            public void poll(long nowNanos) {}
        });
        assertThrows(AssertionError.class, () -> network.run(Duration.ofSeconds(1)));
    }

    @Test
    void eventsOfOneMomentRunInTheOrderOfTheirPlanning() {
        Timeline time = new SimNetwork(1).time();
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int number = i;
            time.after(Duration.ofMillis(number < 10 ? 2 : 1), () -> order.add(number));
        }
        assertFalse(time.isQuiet());
        time.run(Duration.ofMillis(2));
        assertEquals(List.of(10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), order);
        assertTrue(time.isQuiet());
        assertThrows(IllegalArgumentException.class, () -> time.after(-1, () -> {}));
    }

    @Test
    void waitsForAConditionNoLongerThanNeeded() {
        Timeline time = new SimNetwork(1).time();
        List<Long> ticks = new ArrayList<>();
        time.every(Duration.ofSeconds(1), () -> ticks.add(time.nowNanos()) && ticks.size() < 5);
        assertTrue(time.runUntil(() -> ticks.size() == 3, Duration.ofSeconds(10)));
        assertEquals(Duration.ofSeconds(4).toNanos(), time.nowNanos());
        assertFalse(time.runUntil(() -> ticks.size() == 6, Duration.ofSeconds(10)));
        assertEquals(Duration.ofSeconds(14).toNanos(), time.nowNanos());
    }

    @Test
    void aStunServerSaysWhereTheNatIs() {
        SimNetwork network = new SimNetwork(3);
        Segment lan = network.lan("lan");
        network.nat("nat", NatKind.PORT_RESTRICTED.withPortsPreserved(), network.internet(), "198.51.100.1")
                .serve(lan, "10.0.0.1");
        StunHost server = new StunHost(network.host("stun", network.internet(), "192.0.2.1"));
        server.host().link().delay(Duration.ofMillis(15));
        Host host = network.host("client", lan, "10.0.0.2");
        long start = network.time().nowNanos();
        StunClient client = new StunClient(
                server.address(),
                BindingRequest.tailscale(TransactionId.random(network.random())),
                StunClient.Retransmission.PROBE,
                start);
        host.bind(4000, (source, payload, now) -> client.receive(payload, 0, payload.length, source, now));
        byte[] request = Objects.requireNonNull(client.poll(start));
        server.stop();
        host.send(4000, server.address(), request, 0, request.length);
        network.run(Duration.ofMillis(100));
        assertEquals(new StunClient.Waiting(), client.state());
        server.start();
        host.send(4000, server.address(), request, 0, request.length);
        network.run(Duration.ofMillis(100));
        InetSocketAddress mapped = new InetSocketAddress("198.51.100.1", 4000);
        assertEquals(new StunClient.Answered(mapped, Duration.ofMillis(130).toNanos(), 1), client.state());
    }
}
