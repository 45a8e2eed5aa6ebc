package dev.warren.node.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How an agent keeps a path, gives it up and chooses a better one; scripts at stated milliseconds. */
@Timeout(30)
final class PathKeepingTest {
    private static final InetSocketAddress LAN = new InetSocketAddress("192.168.1.5", 40);
    private static final InetSocketAddress IPV6 = new InetSocketAddress("2001:db8::5", 60);

    private final PathScript script = new PathScript();

    /** Address 1 is proven at 20 ms with a latency of 20 ms. */
    private PathScript proven() {
        script.endpoints(1).send().at(20).pong(1).authenticated().sent();
        return script;
    }

    @Test
    void aPongIsTrustedForSixAndAHalfSeconds() {
        assertEquals("1 until 6520", proven().route());
        assertEquals(20_000_000, script.agent.latencyNanos());
        script.at(6519);
        assertEquals("1 until 6520", script.route());
        script.at(6520);
        assertEquals("1 untrusted", script.route());
    }

    @Test
    void heartbeatsGoThreeSecondsAfterEachPong() {
        proven();
        assertEquals("3020 ping 1", script.at(3040).sent());
        assertEquals("1 until 9540", script.pong(1).route());
        assertEquals("6040 ping 1", script.at(6100).sent());
    }

    @Test
    void aMissedHeartbeatIsRepeatedEverySecondAndThenTheSearchBegins() {
        proven();
        assertEquals(
                "3020 ping 1, 4020 ping 1, 5020 ping 1, 6020 ping 1",
                script.at(6519).sent());
        assertEquals(
                "6520 ping 1, 6520 call, 6670 ping 1, 6820 ping 1",
                script.at(6900).sent());
    }

    @Test
    void aStalePathIsForgottenHalfAMinuteAfterItsLastPong() {
        proven().at(10_000).send().at(30_019);
        assertEquals("1 untrusted", script.route(), "packets go there too, beside the relay");
        script.at(30_020);
        assertEquals("relay", script.route());
    }

    @Test
    void heartbeatsEndFortyFiveSecondsAfterTheLastPacket() {
        proven().answering(1, 500_000);
        String sent = script.sent();
        assertEquals("39020 ping 1, 42020 ping 1", sent.substring(sent.indexOf("39020")));
        assertEquals("1 untrusted", script.route());
    }

    @Test
    void aTrustedPathIsPingedAtOnceWhenTrafficBegins() {
        proven().answering(1, 44_999).sent();
        script.at(48_000);
        assertEquals("", script.sent(), "idle since 45 s");
        assertEquals("48000 ping 1", script.send().sent());
    }

    @Test
    void trafficAfterALongRestStartsOneSearch() {
        proven().at(300_000).sent();
        script.send();
        assertEquals(
                "300000 ping 1, 300000 call, 300150 ping 1, 300300 ping 1",
                script.at(300_400).sent());
    }

    @Test
    void silenceOfWireGuardMakesAPathSuspectThoughDiscoIsAnswered() {
        proven().at(500).send().answering(1, 12_499);
        assertEquals("1 until 18520", script.route());
        script.at(12_500);
        assertEquals("1 untrusted", script.route());
        script.at(12_520).pong(1);
        assertEquals("1 untrusted", script.route(), "a pong does not end the suspicion");
        script.agent.onAuthenticated(false, script.nowNanos());
        assertEquals("1 untrusted", script.route(), "nor does a packet through the relay");
        script.agent.onAuthenticated(true, script.nowNanos());
        assertEquals("1 until 19020", script.route());
    }

    @Test
    void aPacketThatWantsNoAnswerRaisesNoSuspicion() {
        script.endpoints(1);
        script.agent.onSent(false, 0);
        for (int second = 1; second < 40; second++) {
            script.answering(1, second * 1000L);
            assertTrue(script.agent.route().isTrusted(script.nowNanos()));
        }
    }

    @Test
    void anAnsweredPacketRaisesNoSuspicion() {
        proven();
        for (int second = 1; second < 40; second++) {
            script.send().answering(1, second * 1000L).authenticated();
            assertTrue(script.agent.route().isTrusted(script.nowNanos()));
        }
    }

    @Test
    void aSendFailureOfTheKernelGivesThePathUpAtOnce() {
        proven().at(100);
        script.agent.onSendFailed(PathScript.address(2), script.nowNanos());
        assertEquals("1 until 6520", script.route(), "that was another address");
        script.agent.onSendFailed(PathScript.address(1), script.nowNanos());
        assertEquals("relay", script.route());
        assertEquals("100 ping 1, 100 call", script.at(101).sent());
    }

    @Test
    void theRelayRegionIsPartOfTheRoute() {
        proven();
        script.agent.setRelay(900);
        assertEquals(900, script.agent.route().relayRegion());
        assertEquals("1 until 6520", script.route());
    }

    // ----------------------------------------------------------------------------------------------- the better path

    /** Two addresses whose pings of time 0 are answered after so many milliseconds; the route then. */
    private static String chosen(
            InetSocketAddress first, long firstMillis, InetSocketAddress second, long secondMillis) {
        PathScript script = new PathScript();
        script.agent.setEndpoints(List.of(first, second), 0);
        script.send();
        // Answered in this order, before the next ping of the burst.
        script.at(Math.min(firstMillis, secondMillis));
        script.pong(firstMillis <= secondMillis ? first : second);
        script.at(Math.max(firstMillis, secondMillis));
        script.pong(firstMillis <= secondMillis ? second : first);
        return script.route();
    }

    @Test
    void ofTwoAlikeTheFirstToAnswerStays() {
        assertEquals("1 until 6550", chosen(PathScript.address(1), 50, PathScript.address(2), 55));
        assertEquals("2 until 6550", chosen(PathScript.address(1), 55, PathScript.address(2), 50));
    }

    @Test
    void aPrivateAddressIsPreferredAndSoIsIpv6() {
        assertEquals("40 until 6555", chosen(PathScript.address(1), 50, LAN, 55));
        assertEquals("60 until 6555", chosen(PathScript.address(1), 50, IPV6, 55));
        assertEquals("40 until 6555", chosen(IPV6, 50, LAN, 55));
    }

    @Test
    void aMuchSlowerPrivateAddressIsNot() {
        assertEquals("1 until 6520", chosen(PathScript.address(1), 20, LAN, 140));
    }

    /** Address 1 is proven with 100 ms; a minute later address 2 answers after {@code millis}. The best one then. */
    private String afterUpgrade(long millis) {
        script.endpoints(1, 2).send().at(100).pong(1);
        for (int second = 1; second <= 60; second++) {
            script.send().answering(1, 100, second * 1000L).authenticated();
        }
        script.answering(1, 100, 60_099).sent();
        assertEquals("60100 ping 2", script.at(60_100).sent());
        String route = script.at(60_100 + millis).pong(2).route();
        return route.substring(0, route.indexOf(' '));
    }

    @Test
    void onceAMinuteTheOthersGetAChance() {
        assertEquals("2", afterUpgrade(70));
    }

    @Test
    void aGainWithinAFifthIsNotWorthTheChange() {
        assertEquals("1", afterUpgrade(85));
    }

    @Test
    void aQuickPathIsNotSearchedToBeBettered() {
        script.endpoints(1, 2).send().at(5).pong(1);
        for (int second = 1; second < 130; second++) {
            script.send().answering(1, second * 1000L).authenticated();
        }
        String others = script.sent().replaceAll("[0-9]+ ping 1(, )?", "");
        assertEquals("0 ping 2, 0 call, 150 ping 2, 300 ping 2, ", others);
    }
}
