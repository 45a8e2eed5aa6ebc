package dev.warren.protocol.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Seeds;
import dev.warren.protocol.wireguard.HandshakeQueue.Line;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** More handshake messages than can be worked on: who is served all the same, and that nothing grows. */
@Timeout(30)
class HandshakeFloodTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int PLENTY = 20_000;

    private final TestNode busy = new TestNode(1);
    private final TestNode peer = new TestNode(2);
    private final Peer peerAtBusy = busy.add(peer, "10.0.0.2/32");
    private final Peer busyAtPeer = peer.add(busy, "10.0.0.1/32");
    private long now = 10 * SECOND;
    private long notAuthenticOfTheFlood;

    @BeforeEach
    void holdHandshakes() {
        busy.device.holdHandshakes();
    }

    @Test
    void shouldHoldABoundedNumberOfMessagesAndCountTheOthers() {
        for (int network = 1; network < 9; network++) {
            new Flood(busy, Seeds.random(1), network).arrive(PLENTY, now);
        }
        int waiting = busy.device.waitingHandshakes();
        assertTrue(waiting <= 8192, waiting + " wait");
        assertEquals(8L * PLENTY - waiting, busy.device.drops(DropReason.HANDSHAKE_QUEUE_FULL));
    }

    @Test
    void shouldBeBusyFromAnEighthOfTheQueueOnAndForASecond() {
        flood(HandshakeQueue.BUSY_LENGTH - 1);
        work();
        assertEquals(0, busy.device.drops(DropReason.COOKIE_REQUIRED));

        flood(HandshakeQueue.BUSY_LENGTH);
        Flood heardOf = new Flood(busy, Seeds.random(1), 192, 0, 2, 1);
        heardOf.arrive(5, now); // of which four are the first of their network
        work();
        long asked = busy.device.drops(DropReason.COOKIE_REQUIRED);
        assertTrue(asked > 0);

        now += SECOND - 1;
        heardOf.arrive(1, now);
        work();
        assertEquals(asked + 1, busy.device.drops(DropReason.COOKIE_REQUIRED));
        now += 2;
        heardOf.arrive(1, now);
        work();
        assertEquals(asked + 1, busy.device.drops(DropReason.COOKIE_REQUIRED), "the second is over");
    }

    @Test
    void shouldBeBusyForASecondWhenSomeWereTurnedAwayBefore() {
        Flood network = new Flood(busy, Seeds.random(1), 192, 0, 2, 1);
        busy.device.handshakesTurnedAway(now);
        network.arrive(6, now);
        work();
        assertEquals(
                2,
                busy.device.drops(DropReason.COOKIE_REQUIRED),
                "all but the first three of its wide network and the first of its narrow one");

        now += SECOND - 1;
        network.arrive(1, now);
        work();
        assertEquals(3, busy.device.drops(DropReason.COOKIE_REQUIRED));

        now++;
        network.arrive(1, now);
        work();
        assertEquals(3, busy.device.drops(DropReason.COOKIE_REQUIRED), "the second is over");
    }

    @Test
    void shouldServeAPeerFromWhereItIsExpectedFirstAndWithoutACookie() {
        peerAtBusy.setEndpoint(((Origin.Direct) peer.origin).address());
        flood(PLENTY, 192, 0);
        connects();
        assertTrue(busy.device.waitingHandshakes() > 0, "others still wait");
    }

    @Test
    void shouldExpectWhomItIsToldToExpectUntilThatIsTakenBack() {
        InetAddress address = ((Origin.Direct) peer.origin).address().getAddress();
        busy.device.knownSources().add(address);
        busy.device.knownSources().add(address);
        busy.device.knownSources().remove(address);
        flood(PLENTY, 192, 0);
        connects();

        busy.device.knownSources().remove(address);
        now += 6 * SECOND;
        flood(PLENTY, 192, 0);
        isAskedForACookie();
    }

    @Test
    void shouldServeTheFirstStrangerOfANetworkWithoutACookie() {
        flood(PLENTY);
        connects();
        assertTrue(busy.device.waitingHandshakes() > 0, "others still wait");
    }

    @Test
    void shouldServeTheNewestStrangerBeforeAllThatCameWithTheFlood() {
        flood(PLENTY);
        peer.device.initiate(busyAtPeer, now);
        receive(peer.transmitted.remove(), 8);
        assertEquals(1, busy.transmitted.size(), "no answer within a round of turns");
    }

    @Test
    void shouldServeAStrangerAmongTheFloodOnceItHasACookie() {
        flood(PLENTY, 192, 0);
        isAskedForACookie();
        now = peer.device.nextDeadlineNanos();
        flood(PLENTY, 192, 0);
        peer.device.poll(now);
        assertConnects(peer.transmitted.remove());
    }

    @Test
    void shouldTakeTheAnswerToItsOwnHandshakeWithoutACookie() {
        busy.device.initiate(peerAtBusy, now);
        peer.receive(busy.transmitted.remove(), busy, now);
        flood(PLENTY, 192, 0);
        receive(peer.transmitted.remove(), 1);
        assertEquals(1, busy.established);
    }

    @Test
    void shouldNotBeOccupiedByForgedAnswersOfOneWhoSeesItsMessages() {
        isAnsweredByForgers();
        assertEquals(8, busy.device.drops(DropReason.NOT_AUTHENTIC) - notAuthenticOfTheFlood);
    }

    @Test
    void shouldBelieveNoCookieThatItDidNotMake() {
        flood(PLENTY, 192, 0);
        peer.device.initiate(busyAtPeer, now);
        byte[] initiation = peer.transmitted.remove();
        Arrays.fill(initiation, initiation.length - Macs.LENGTH, initiation.length, (byte) 1);
        busy.replies.clear();
        receive(initiation, 0);
        work();
        assertTrue(busy.transmitted.isEmpty());
        peer.receive(busy.replies.getLast(), busy, now);
        assertEquals(0, peer.device.drops(DropReason.BAD_COOKIE_REPLY));
    }

    /** More from where a peer is expected than one peer sends. */
    @Test
    void shouldHaveThoseWaitWithTheOthersThatComeTooOften() {
        peerAtBusy.setEndpoint(((Origin.Direct) peer.origin).address());
        flood(HandshakeQueue.BUSY_LENGTH, 192, 0);
        peer.device.initiate(busyAtPeer, now);
        byte[] initiation = peer.transmitted.remove();
        for (int i = 0; i < 50; i++) {
            receive(initiation, 0);
        }
        assertEquals(50, busy.device.waitingHandshakes());
        work();
        assertTrue(busy.device.drops(DropReason.COOKIE_REQUIRED) > 20);
    }

    @Test
    void shouldLimitThoseWithACookieOnlyUnderLoad() {
        flood(PLENTY, 192, 0);
        isAskedForACookie();
        now = peer.device.nextDeadlineNanos();
        peer.device.poll(now);
        byte[] initiation = peer.transmitted.remove();
        receive(Flood.message(busy.publicKey(), 1), 0);
        for (int i = 0; i < 50; i++) {
            receive(initiation, 0);
        }
        assertEquals(51, busy.device.waitingHandshakes());
        flood(PLENTY, 192, 0);
        for (int i = 0; i < 50; i++) {
            receive(initiation, 0);
        }
        assertTrue(busy.device.drops(DropReason.RATE_LIMITED) > 20);
    }

    /** The relay has seen it prove its key. */
    @Test
    void shouldExpectAPeerAtARelayAndNobodyElseThere() {
        flood(PLENTY, 192, 0);
        peer.device.initiate(busyAtPeer, now);
        byte[] initiation = peer.transmitted.remove();
        long asked = busy.device.drops(DropReason.COOKIE_REQUIRED);
        receive(initiation, new Origin.Relayed(1, busy.publicKey()), 0);
        work();
        assertTrue(busy.transmitted.isEmpty());
        assertTrue(busy.device.drops(DropReason.COOKIE_REQUIRED) > asked);
        flood(PLENTY, 192, 0);
        receive(initiation, new Origin.Relayed(1, peer.publicKey()), 2);
        assertEquals(1, busy.transmitted.size());
    }

    @Test
    void shouldAskForACookieWhoAnswersWhatIsNoHandshake() {
        busy.device.initiate(peerAtBusy, now);
        peer.receive(busy.transmitted.remove(), busy, now);
        byte[] answer = peer.transmitted.remove();
        receive(answer, 1);
        assertEquals(1, busy.established);
        byte[] unknown = answer.clone();
        unknown[8] ^= 1;
        new CookieJar(busy.publicKey()).stamp(unknown, 0, unknown.length, now);

        flood(HandshakeQueue.BUSY_LENGTH, 192, 0);
        for (byte[] message : List.of(answer, unknown)) {
            long asked = busy.device.drops(DropReason.COOKIE_REQUIRED);
            receive(message, 1);
            assertEquals(asked + 1, busy.device.drops(DropReason.COOKIE_REQUIRED));
        }
    }

    /** What was forged to one handshake does not count against the next. */
    @Test
    void shouldTakeTheAnswerToTheNextHandshakeAfterForgedOnes() {
        isAnsweredByForgers();
        now += 6 * SECOND;
        busy.transmitted.clear();
        busy.device.initiate(peerAtBusy, now);
        peer.receive(busy.transmitted.remove(), busy, now);
        flood(PLENTY, 192, 0);
        receive(peer.transmitted.remove(), 1);
        assertEquals(1, busy.established);
    }

    @Test
    void shouldServeTheLastLineTooWhenTheFirstNeverEnds() throws UnknownHostException {
        flood(PLENTY, 192, 0);
        long before = busy.device.drops(DropReason.COOKIE_REQUIRED);
        for (int i = 0; i < 160; i++) {
            InetAddress address = InetAddress.getByAddress(new byte[] {10, 9, 8, (byte) i});
            busy.device.knownSources().add(address);
            receive(Flood.message(busy.publicKey(), i), new Origin.Direct(new InetSocketAddress(address, 1)), 1);
        }
        assertEquals(40.0, (double) (busy.device.drops(DropReason.COOKIE_REQUIRED) - before), 3);
    }

    @Test
    void shouldLetNobodyGoFirstWhoDoesNotKnowTheKey() {
        flood(PLENTY);
        receive(Flood.message(peer.publicKey(), 1), 0);
        assertEquals(1, busy.device.drops(DropReason.BAD_MAC));
        connects();
    }

    @Test
    void shouldDropWhatWaitsWhenTheInterfaceGoesDown() {
        flood(10);
        busy.device.down();
        assertEquals(0, busy.device.waitingHandshakes());
        assertEquals(10, busy.device.drops(DropReason.INTERFACE_DOWN));
    }

    @Test
    void shouldKeepTheFloodToAShareWhateverNetworksItIsFrom() {
        QuietNetworks networks = new QuietNetworks(Seeds.random(3));
        int granted = 0;
        for (int i = 0; i < 200_000; i++) {
            Origin origin = new Origin.Direct(new InetSocketAddress(
                    "%d.%d.%d.%d".formatted(i >>> 9 & 255, i * 7 & 255, i >>> 3 & 255, i & 255), 1));
            if (networks.isQuiet(origin, now)) {
                networks.heard(origin, now);
                granted++;
            }
        }
        assertTrue(granted > QuietNetworks.PLACES / 2 && granted <= QuietNetworks.PLACES, granted + " of them");
    }

    /** Three of a wide network, one more of the third's narrow one, one of its neighbour, and some of another wide one. */
    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, 10.1.2.4, 10.1.255.1, 10.1.255.200, 10.1.254.1, 10.0.2.3, 10.0.2.9",
        "2001:db9::1, 2001:db9::2, 2001:db9:ffff:ff00::1, 2001:db9:ffff:ffff::1, 2001:db9:ffff:fe00::1, 2001:db8::1, 2001:db8::2"
    })
    void shouldLetThreeInOfAWideNetworkAndOneOfANarrow(
            String first,
            String second,
            String third,
            String sameNarrow,
            String otherNarrow,
            String otherWide,
            String besideIt) {
        QuietNetworks networks = new QuietNetworks(Seeds.random(4));
        assertTrue(isLetIn(networks, first, 1), "as early as a machine's clock begins");
        assertTrue(isLetIn(networks, second, 1));
        assertTrue(isLetIn(networks, third, 1));
        assertTrue(isLetIn(networks, third, 1), "the wide network's three are not the narrow one's");
        assertFalse(isLetIn(networks, sameNarrow, 1));
        assertTrue(isLetIn(networks, otherNarrow, 1));
        assertTrue(isLetIn(networks, otherWide, 1));
        for (int i = 0; i < 3; i++) {
            assertTrue(isLetIn(networks, besideIt, 1));
        }
        assertFalse(isLetIn(networks, besideIt, 1));

        assertFalse(isLetIn(networks, sameNarrow, QuietNetworks.REST_NANOS));
        assertTrue(isLetIn(networks, sameNarrow, QuietNetworks.REST_NANOS + 1));
    }

    @Test
    void shouldSeldomLoseANetworkToThoseOfAFlood() {
        QuietNetworks networks = new QuietNetworks(Seeds.random(6));
        for (int i = 0; i < 200_000; i++) {
            isLetIn(networks, "11.%d.%d.%d".formatted(i & 255, i >>> 8 & 255, i >>> 16), now);
        }
        int shut = 0;
        for (int i = 0; i < 1000; i++) {
            InetAddress other = InetAddress.ofLiteral("%d.%d.0.1".formatted(20 + i / 256, i & 255));
            shut += networks.isQuiet(new Origin.Direct(new InetSocketAddress(other, 1)), now) ? 0 : 1;
        }
        // Of one place each, of as many in all, it would be 30.
        assertTrue(shut < 8, shut + " of 1000 are shut out");
    }

    @Test
    void shouldTakeARelaysClientsForNoNetwork() {
        assertFalse(new QuietNetworks(Seeds.random(5)).isQuiet(new Origin.Relayed(1, peer.publicKey()), now));
    }

    /** Whoever works until there is no more must not stop there. */
    @Test
    void shouldSayThatItHasWorkedOnACookieReplyToo() {
        byte[] message = new byte[CookieReplyMessage.LENGTH];
        MessageType.COOKIE_REPLY.encode(message, 0);
        receive(message, 0);
        assertTrue(busy.device.workOnHandshake(now));
        assertFalse(busy.device.workOnHandshake(now));
        assertEquals(1, busy.device.drops(DropReason.BAD_COOKIE_REPLY));
    }

    @Test
    void shouldGiveEachLineItsTurns() {
        HandshakeQueue queue = new HandshakeQueue();
        for (Line line : Line.values()) {
            for (int i = 0; i < 20; i++) {
                queue.add(waiting(line));
            }
        }
        StringBuilder taken = new StringBuilder();
        for (HandshakeQueue.Waiting next = queue.take(); next != null; next = queue.take()) {
            taken.append(next.line.name().charAt(0));
        }
        // A line that is empty gives its turn to the next one.
        assertEquals("EEESEEEOEEESEEEOEEESEEEOEESSSSSOSSSSSSSOSSSSSOOOOOOOOOOOOOOO", taken.toString());
    }

    @Test
    void shouldHoldSoManyInEachLine() {
        HandshakeQueue queue = new HandshakeQueue();
        for (Line line : Line.values()) {
            while (queue.hasRoom(line)) {
                queue.add(waiting(line));
            }
        }
        assertEquals(1024 + QuietNetworks.PLACES + 2048, queue.length());
    }

    @Test
    void shouldBeBusyForASecondToTheNanosecond() {
        HandshakeQueue queue = new HandshakeQueue();
        for (int i = 0; i < HandshakeQueue.BUSY_LENGTH; i++) {
            queue.noteLoad(now);
            assertFalse(queue.isBusy(now));
            queue.add(waiting(Line.OTHER));
        }
        queue.noteLoad(now);
        assertTrue(queue.isBusy(now + SECOND - 1));
        assertFalse(queue.isBusy(now + SECOND));
    }

    private HandshakeQueue.Waiting waiting(Line line) {
        return new HandshakeQueue.Waiting(MessageType.INITIATION, new byte[0], peer.origin, line);
    }

    private static boolean isLetIn(QuietNetworks networks, String address, long nowNanos) {
        Origin origin = new Origin.Direct(new InetSocketAddress(InetAddress.ofLiteral(address), 1));
        boolean isQuiet = networks.isQuiet(origin, nowNanos);
        if (isQuiet) {
            networks.heard(origin, nowNanos);
        }
        return isQuiet;
    }

    /** Begins a handshake, and in the midst of a flood gets a hundred answers of one who saw the right one. */
    private void isAnsweredByForgers() {
        busy.device.initiate(peerAtBusy, now);
        peer.receive(busy.transmitted.remove(), busy, now);
        byte[] forged = peer.transmitted.remove();
        forged[20] ^= 1;
        new CookieJar(busy.publicKey()).stamp(forged, 0, forged.length, now);
        flood(PLENTY, 192, 0);
        for (int i = 0; i < 100; i++) {
            receive(forged, 0);
        }
        work();
    }

    /** A flood from 11.0.0.0/8. */
    private void flood(int count) {
        flood(count, 11);
    }

    /** A flood from a network that is heard of when it comes to what is tested. */
    private void flood(int count, int... network) {
        new Flood(busy, Seeds.random(count), network).arrive(count, now);
        if (network.length > 1) {
            work(2000); // among them the first of their networks
            notAuthenticOfTheFlood = busy.device.drops(DropReason.NOT_AUTHENTIC);
        }
    }

    private void work() {
        busy.work(now);
    }

    private void work(int count) {
        for (int i = 0; i < count; i++) {
            busy.device.workOnHandshake(now);
        }
    }

    private void receive(byte[] message, int steps) {
        receive(message, peer.origin, steps);
    }

    private void receive(byte[] message, Origin from, int steps) {
        busy.device.receive(MemorySegment.ofArray(message), 0, message.length, 0, from, now);
        work(steps);
    }

    /** The peer connects while no more than a few messages are worked on. */
    private void connects() {
        peer.device.initiate(busyAtPeer, now);
        assertConnects(peer.transmitted.remove());
    }

    private void assertConnects(byte[] initiation) {
        busy.transmitted.clear();
        for (int i = 0; i < 8000 && busy.transmitted.isEmpty(); i++) {
            receive(i == 0 ? initiation : new byte[0], 1);
        }
        assertFalse(busy.transmitted.isEmpty(), "no answer");
        int established = peer.established;
        peer.receive(busy.transmitted.remove(), busy, now);
        assertEquals(established + 1, peer.established);
        peer.transmitted.clear();
    }

    private void isAskedForACookie() {
        peer.device.initiate(busyAtPeer, now);
        byte[] initiation = peer.transmitted.remove();
        busy.replies.clear();
        receive(initiation, 0);
        work();
        assertTrue(busy.transmitted.isEmpty());
        peer.receive(busy.replies.getLast(), busy, now);
        assertEquals(0, peer.device.drops(DropReason.BAD_COOKIE_REPLY));
        assertTrue(peer.transmitted.isEmpty());
    }
}
