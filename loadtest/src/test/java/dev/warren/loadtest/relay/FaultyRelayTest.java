package dev.warren.loadtest.relay;

import static dev.warren.loadtest.relay.RelayLoadTest.load;
import static dev.warren.loadtest.relay.RelayLoadTest.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.measure.Result;
import dev.warren.protocol.derp.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Relays with faults: each fault is seen, and called by its name. */
@Timeout(60)
class FaultyRelayTest {
    private static final int STALL_MILLIS = 300;

    @ParameterizedTest
    @ValueSource(strings = {"pairs=1 burst=1", "pairs=3 burst=8", "pairs=2 rate=3000"})
    void shouldSeeThatEveryTenthPacketIsLost(String texts) throws Exception {
        try (ScriptedRelay relay = ScriptedRelay.start((number, deliver, _) -> {
            if (number % 10 != 9) {
                deliver.run();
            }
        })) {
            Result result = load("target=" + relay.url() + " " + texts);
            assertEquals(10, value(result, "loss"), 1.5, result::toString);
            assertEquals(0, value(result, "out of order"));
            assertTrue(result.unclean().stream().allMatch(RelayLoadTest::isAboutTheMachine), result::toString);
        }
    }

    @Test
    void shouldSeeThatPacketsOvertakeEachOther() throws Exception {
        List<Runnable> held = new ArrayList<>();
        try (ScriptedRelay relay = ScriptedRelay.start((number, deliver, _) -> {
            if (number % 10 == 4) {
                held.add(deliver);
            } else {
                deliver.run();
                held.forEach(Runnable::run);
                held.clear();
            }
        })) {
            Result result = load("target=" + relay.url() + " pairs=1");
            assertEquals(0, value(result, "loss"), 0.5, result::toString);
            double packets = value(result, "delivered") * 0.35;
            assertEquals(packets / 10, value(result, "out of order"), packets / 50 + 2, result::toString);
        }
    }

    @Test
    void shouldSeeThatPacketsComeTwice() throws Exception {
        try (ScriptedRelay relay = ScriptedRelay.start((number, deliver, _) -> {
            deliver.run();
            if (number == 50) {
                deliver.run();
            }
        })) {
            Result result = load("target=" + relay.url() + " pairs=1");
            assertEquals(List.of("1 packet was delivered more than once"), result.unclean());
            assertEquals(0, value(result, "loss"));
        }
    }

    /** What was to be sent while the relay stood still has waited for it, and says so. */
    @Test
    void shouldShowAStallAsLatencyInAnOpenLoop() throws Exception {
        try (ScriptedRelay relay = ScriptedRelay.start((number, deliver, _) -> {
            if (number == 400) {
                Thread.sleep(STALL_MILLIS);
            }
            deliver.run();
        })) {
            Result result = load("target=" + relay.url() + " pairs=2 rate=2000 warmup=0 duration=800ms");
            assertEquals(0, value(result, "loss"), result::toString);
            // 600 of the 1600 packets were due in the stall: their wait is evenly spread from 300 ms down to none.
            assertTrue(value(result, "latency max") >= STALL_MILLIS * 0.9e6, result::toString);
            assertTrue(value(result, "latency p90") >= STALL_MILLIS * 0.5e6, result::toString);
        }
    }

    @Test
    void shouldBeginAnewWhenAWholeWindowWasLost() throws Exception {
        try (ScriptedRelay relay = ScriptedRelay.start((number, deliver, _) -> {
            if (number < 100 || number >= 116) {
                deliver.run();
            }
        })) {
            Result result = load("target=" + relay.url() + " pairs=1 burst=16 warmup=0 duration=1500ms");
            double delivered = value(result, "delivered") * 1.5;
            assertTrue(delivered > 100, result::toString);
            assertTrue(value(result, "loss") > 0, result::toString);
        }
    }

    @Test
    void shouldSayThatAConnectionWasLost() throws Exception {
        AtomicInteger hungUp = new AtomicInteger();
        try (ScriptedRelay relay = ScriptedRelay.start((number, deliver, hangUp) -> {
            deliver.run();
            if (number > 100 && hungUp.getAndIncrement() == 0) {
                hangUp.run();
            }
        })) {
            Result result = load("target=" + relay.url() + " pairs=3");
            assertEquals(1, result.unclean().size(), result::toString);
            String reason = result.unclean().getFirst();
            assertTrue(reason.startsWith("1 connection was lost during the run; the first one: "), reason);
            assertTrue(value(result, "delivered") > 0);
        }
    }

    @Test
    void shouldSayThatNothingWasDelivered() throws Exception {
        try (ScriptedRelay relay = ScriptedRelay.start((_, _, _) -> {})) {
            Result result = load("target=" + relay.url() + " pairs=2 warmup=0");
            assertEquals(List.of("nothing was delivered"), result.unclean());
            assertEquals(100, value(result, "loss"));
            assertEquals("-", result.figure("latency p50").orElseThrow().text());
        }
    }

    @Test
    void shouldSayThatPacketsCameThatNobodySent() throws Exception {
        ScriptedRelay[] self = new ScriptedRelay[1];
        try (ScriptedRelay relay = ScriptedRelay.start((number, deliver, _) -> {
            deliver.run();
            if (number == 60) {
                self[0].broadcast(ScriptedRelay.strangePacket());
                self[0].broadcast(new Frame.Ping(7));
                self[0].broadcast(new Frame.KeepAlive());
            }
        })) {
            self[0] = relay;
            Result result = load("target=" + relay.url() + " pairs=2");
            assertEquals(
                    List.of("4 packets were seen by clients that they were not sent to"),
                    result.unclean(),
                    result::toString);
            assertEquals(0, value(result, "loss"));
        }
    }
}
