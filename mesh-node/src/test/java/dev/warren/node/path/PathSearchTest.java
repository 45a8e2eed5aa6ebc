package dev.warren.node.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.disco.TxId;
import dev.warren.protocol.testing.Seeds;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How an agent looks for a path: bursts, calls, checks, candidates; scripts at stated milliseconds. */
@Timeout(30)
final class PathSearchTest {
    private final PathScript script = new PathScript();

    private static int[] ports(int first, int count) {
        return IntStream.range(first, first + count).toArray();
    }

    @Test
    void theFirstPacketPingsEveryAddressAndThenCalls() {
        script.endpoints(1, 2);
        assertEquals("", script.at(1000).sent(), "nothing is probed while nothing is sent");
        assertEquals("1000 ping 1, 1000 ping 2, 1000 call", script.send().sent());
        assertEquals("relay", script.route());
    }

    @Test
    void aSearchIsABurstAndThenBacksOff() {
        script.endpoints(1).send();
        assertEquals(
                "0 ping 1, 0 call, 150 ping 1, 300 ping 1, 500 ping 1, 1000 ping 1, 1000 call, 2000 ping 1, "
                        + "3000 ping 1, 4000 ping 1, 5000 ping 1, 5000 call, 6000 ping 1, 7000 ping 1, 8000 ping 1, "
                        + "8000 call, 10000 ping 1, 14000 ping 1, 22000 ping 1, 22000 call, "
                        + "30000 ping 1, 30000 call, 38000 ping 1, 38000 call",
                script.at(44_000).sent());
    }

    @Test
    void afterFiveMinutesInVainItTriesOnceAMinute() {
        script.endpoints(1);
        for (int second = 0; second < 1800; second += 30) {
            script.at(second * 1000L).send();
        }
        script.sent();
        String minutes = script.at(1_800_000).sent();
        assertEquals(1, minutes.split("ping", -1).length - 1 + (minutes.isEmpty() ? 1 : 0), minutes);
    }

    @Test
    void theSearchEndsWhenNothingWasSentForFortyFiveSeconds() {
        script.endpoints(1).send().at(44_999).sent();
        assertEquals(45_000_000_000L, script.agent.nextDeadlineNanos());
        assertEquals("", script.at(500_000).sent());
        assertEquals(Long.MAX_VALUE, script.agent.nextDeadlineNanos());
        assertEquals("500000 ping 1, 500000 call", script.send().sent());
    }

    @Test
    void withoutAnAddressNobodyIsCalled() {
        assertEquals("", script.send().at(40_000).sent());
    }

    @Test
    void aCallMakesAllAddressesBePingedAtOnceAndIsNotAnswered() {
        script.endpoints(1).send().at(600).sent();
        assertEquals("600 ping 1, 600 ping 2", script.call(1, 2).sent());
        assertEquals(
                "750 ping 2, 800 ping 1, 900 ping 2, 900 call, 1000 ping 1, 1100 ping 2, 1200 ping 1, 1400 ping 1",
                script.at(1500).sent(),
                "five to the one, whose search then goes on; a search for the other");
    }

    @Test
    void twoThatCallOneAnotherInVainCallEverMoreSeldom() {
        script.endpoints(1);
        int calls = 0;
        for (int second = 0; second < 1800; second++) {
            String sent = script.send().at(second * 1000L).sent();
            if (sent.contains("call")) {
                calls++;
                script.call(1);
            }
        }
        assertTrue(calls > 50 && calls < 80, "calls in half an hour: " + calls);
    }

    @Test
    void oneThatIsOnlyCalledSearchesForTenSecondsAndCallsNobody() {
        script.at(100).call(1);
        assertEquals(
                "100 ping 1, 250 ping 1, 400 ping 1, 600 ping 1, 1100 ping 1, 2100 ping 1, 3100 ping 1, 4100 ping 1, "
                        + "5100 ping 1, 6100 ping 1, 7100 ping 1, 8100 ping 1",
                script.at(60_000).sent());
        assertEquals(Long.MAX_VALUE, script.agent.nextDeadlineNanos());
    }

    @Test
    void oneThatIsOnlyCalledDoesNotKeepWhatItFound() {
        script.call(1).at(20).pong(1).sent();
        assertEquals("1 until 6520", script.route());
        assertEquals("", script.at(60_000).sent());
        assertEquals("1 untrusted", script.route());
    }

    @Test
    void aCallForgetsTheAddressesOfAnEarlierOne() {
        script.send().call(1, 2).sent();
        assertEquals("0 ping 3", script.call(2, 3).sent(), "2 was pinged in this moment already");
        assertEquals("50 ping 2, 150 ping 3", script.at(199).sent());
    }

    @Test
    void aCallKeepsAnAddressLearnedFromAPing() {
        script.send().pingFrom(9).call(1).sent();
        assertEquals("150 ping 9, 150 ping 1", script.at(160).sent());
    }

    @Test
    void aPingFromAnUnknownAddressIsCheckedAtOnce() {
        assertEquals("10 ping 7", script.at(10).pingFrom(7).sent());
        assertEquals("7 until 6530", script.at(30).pong(7).route());
    }

    @Test
    void aPingOverATrustedPathNeedsNoCheck() {
        script.endpoints(1).send().at(20).pong(1).at(1000).sent();
        assertEquals("", script.pingFrom(1).at(2000).sent());
    }

    @Test
    void aPingOverAPathThatIsNotTrustedIsCheckedAgain() {
        script.endpoints(1).send().at(20).pong(1).at(100_000).sent();
        assertEquals("100000 ping 1", script.pingFrom(1).sent());
    }

    @Test
    void oneAddressIsNotPingedTwiceWithinFiftyMilliseconds() {
        script.endpoints(1).send().at(10).sent();
        script.pingFrom(1).at(20);
        script.pingFrom(1).at(30);
        assertEquals("", script.sent());
        assertEquals("50 ping 1", script.at(60).sent());
    }

    @Test
    void anAnswerToNothingIsNone() {
        script.endpoints(1).send();
        assertFalse(script.agent.onPong(TxId.random(Seeds.random(2)), 1));
        script.at(6000).pong(1).at(6001);
        assertFalse(script.agent.onPong(TxId.random(Seeds.random(3)), script.nowNanos()));
    }

    @Test
    void anAnswerAfterFiveSecondsIsTooLate() {
        script.call(1).sent();
        // The last ping of the search goes out at 8 s; nothing comes after it.
        script.at(13_000).pong(1);
        assertEquals("relay", script.route());
    }

    @Test
    void anAnswerJustBeforeThatStillCounts() {
        script.call(1).at(12_999).pong(1);
        assertEquals("1 until 19499", script.route());
    }

    @Test
    void anAnswerCountsOnce() {
        script.endpoints(1).send().at(20).pong(1).at(2000).pong(1);
        assertEquals("1 until 6520", script.route());
    }

    @Test
    void neverMoreThanTwentyFourAddresses() {
        script.endpoints(ports(1, 60)).send();
        assertEquals(24, script.sent().split("ping", -1).length - 1);
        assertEquals("", script.pingFrom(100).sent(), "every one of them is the peer's own");
    }

    @Test
    void aLearnedAddressMakesRoomForANewerOne() {
        script.send();
        for (int port : ports(1, 24)) {
            script.pingFrom(port);
        }
        script.at(20).pong(1).sent();
        script.at(30).pingFrom(50);
        assertEquals("30 ping 50", script.sent());
        assertEquals("1 until 6520", script.route(), "the best one stays");
    }

    @Test
    void aFloodOfCallsMakesNoFloodOfPings() {
        for (int i = 0; i < 490; i++) {
            script.at(i * 10L).call(ports(1 + 20 * i, 20));
        }
        assertEquals(256, script.sent().split("ping", -1).length - 1, "as many as may be unanswered in five seconds");
    }

    @Test
    void addressesThatCannotBeReachedAreNotTried() {
        List<InetSocketAddress> bad = List.of(
                new InetSocketAddress("203.0.113.1", 0),
                new InetSocketAddress("0.0.0.0", 1),
                new InetSocketAddress("224.0.0.1", 1),
                new InetSocketAddress("fe80::1", 1),
                InetSocketAddress.createUnresolved("name", 1));
        script.agent.setEndpoints(bad, 0);
        assertEquals("", script.send().at(1000).sent());
    }

    @Test
    void newAddressesOfTheRecordArePingedWhileThereIsTraffic() {
        script.endpoints(1).send().at(200).sent();
        assertEquals("200 ping 2", script.endpoints(1, 2).sent());
        script.endpoints(2).at(299).sent();
        assertEquals("350 ping 2", script.at(450).sent(), "1 is forgotten");
    }

    @Test
    void aNetworkChangeBeginsAnew() {
        script.endpoints(1).send().at(20).pong(1).at(1000).sent();
        script.agent.onNetworkChanged(script.nowNanos());
        assertEquals("relay", script.route());
        assertEquals("1000 ping 1, 1000 call", script.sent());
    }

    @Test
    void aNetworkChangeWithoutTrafficProbesNothing() {
        script.endpoints(1);
        script.agent.onNetworkChanged(0);
        assertEquals("", script.at(1000).sent());
    }
}
