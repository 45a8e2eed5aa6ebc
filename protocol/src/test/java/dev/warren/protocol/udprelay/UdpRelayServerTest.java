package dev.warren.protocol.udprelay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.warren.protocol.disco.Challenge;
import dev.warren.protocol.disco.DiscoMessage;
import dev.warren.protocol.disco.DiscoMessage.BindAnswer;
import dev.warren.protocol.disco.DiscoMessage.BindRequest;
import dev.warren.protocol.disco.DiscoMessage.Binding;
import dev.warren.protocol.disco.DiscoPair;
import dev.warren.protocol.disco.RelaySession;
import dev.warren.protocol.disco.TxId;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.testing.Seeds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class UdpRelayServerTest {
    private static final long SECOND = 1_000_000_000L;
    private static final InetSocketAddress PUBLIC = at("192.0.2.1", 3479);
    private static final InetSocketAddress A = at("198.51.100.1", 1001);
    private static final InetSocketAddress B = at("2001:db8::b", 1002);
    private static final InetSocketAddress ELSEWHERE = at("198.51.100.66", 6666);

    private final RandomGenerator random = new Random(1);
    private final DiscoPrivateKey key = DiscoPrivateKey.generate(random);
    private UdpRelayServer server = server(UdpRelayLimits.DEFAULT);
    private final RelayClient a = new RelayClient(key.publicKey(), random);
    private final RelayClient b = new RelayClient(key.publicKey(), random);
    private long now = 100 * SECOND;

    // ----------------------------------------------------------------------------------------------------- allocation

    @Test
    void shouldGiveTwoClientsASession() {
        Allocation allocation = allocate(a, a.with(b), 7);
        assertEquals(Allocation.CREATED, allocation);
        var response = (DiscoMessage.AllocateResponse) a.open(server.answer(), 0);
        assertEquals(7, response.generation());
        RelaySession session = response.session();
        assertEquals(key.publicKey(), session.server());
        assertEquals(a.with(b), session.clients());
        assertEquals(1001, session.lamportId());
        assertTrue(RelaySession.isVni(session.vni()), "VNI " + session.vni());
        assertEquals(30 * SECOND, session.bindLifetimeNanos());
        assertEquals(300 * SECOND, session.steadyLifetimeNanos());
        assertEquals(List.of(PUBLIC), session.addresses());
        assertEquals(1, server.sessionCount());
    }

    @Test
    void aRepeatedRequestGetsTheSameSessionAndNoMoreTime() {
        RelaySession first = session(a, allocate(a, a.with(b), 1));
        now += 20 * SECOND;
        Allocation again = allocate(b, b.with(a), 2);
        assertEquals(Allocation.REPEATED, again);
        assertEquals(first, session(b, again));
        assertEquals(now + 10 * SECOND, server.nextDeadlineNanos());
        now += 10 * SECOND;
        RelaySession next = session(a, allocate(a, a.with(b), 3));
        assertNotEquals(first.vni(), next.vni());
        assertTrue(next.lamportId() > first.lamportId());
        assertEquals(1, server.sessionCount());
        assertEquals(1, server.endedSessions());
    }

    @Test
    void shouldRefuseARequestThatIsNotFromOneOfTheTwo() {
        RelayClient c = new RelayClient(key.publicKey(), random);
        assertRefused(Allocation.BAD_REQUEST, allocate(c, a.with(b), 1));
        assertRefused(Allocation.BAD_REQUEST, allocate(a, a.with(a), 1));
        assertRefused(Allocation.BAD_REQUEST, allocate(a, new DiscoPair(a.key(), key.publicKey()), 1));
        assertEquals(0, server.sessionCount());
    }

    @Test
    void shouldRefuseWhatIsNoRequest() {
        byte[] request = a.request(a.with(b), 1);
        byte[] damaged = request.clone();
        damaged[damaged.length - 1] ^= 1;
        byte[] foreign = new RelayClient(DiscoPrivateKey.generate(random).publicKey(), random).request(a.with(b), 1);
        byte[] ping = a.sealed(new DiscoMessage.Ping(TxId.random(random), null, 0));
        for (byte[] packet : List.of(new byte[0], new byte[70], damaged, foreign, ping)) {
            assertRefused(Allocation.BAD_REQUEST, server.allocate(a.node, packet, 0, packet.length, now));
        }
        assertRefused(Allocation.BAD_REQUEST, server.allocate(a.node, request, 0, request.length - 1, now));
    }

    @Test
    void oneClientHasOnlySoManySessions() {
        server = server(new UdpRelayLimits(100, 3, 100, 0));
        for (int i = 0; i < 3; i++) {
            assertEquals(Allocation.CREATED, allocate(a, a.with(client()), 1));
        }
        RelayClient next = client();
        assertRefused(Allocation.CLIENT_FULL, allocate(a, a.with(next), 1));
        assertEquals(Allocation.CREATED, allocate(next, next.with(a), 1), "the other one may ask");
        now += 30 * SECOND;
        assertEquals(Allocation.CREATED, allocate(a, a.with(client()), 1), "the first ones have ended");
    }

    @Test
    void allTogetherHaveOnlySoManySessionsAllWithOtherNumbers() {
        server = server(new UdpRelayLimits(50, 50, 100, 0));
        Set<Integer> numbers = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            RelayClient client = client();
            numbers.add(session(client, allocate(client, client.with(a), 1)).vni());
        }
        assertEquals(50, numbers.size());
        assertTrue(numbers.stream().allMatch(RelaySession::isVni));
        assertRefused(Allocation.RELAY_FULL, allocate(b, b.with(a), 1));
        assertEquals(50, server.sessionCount());
    }

    @Test
    void aClientThatAsksTooOftenIsNotAnswered() {
        byte[] garbage = new byte[100];
        int answered = 0;
        for (int i = 0; i < 1000; i++) {
            answered += server.allocate(a.node, garbage, 0, 100, now) == Allocation.BAD_REQUEST ? 1 : 0;
        }
        assertEquals(128, answered);
        assertRefused(Allocation.TOO_OFTEN, allocate(a, a.with(b), 1));
        assertEquals(Allocation.CREATED, allocate(b, a.with(b), 1), "others are not held up");
        now += SECOND;
        assertEquals(Allocation.REPEATED, allocate(a, a.with(b), 1));
    }

    @Test
    void shouldEndAtOnceTheSessionsOfAClientThatIsRevoked() {
        RelaySession asked = open();
        RelayClient c = client();
        RelaySession other = session(c, allocate(c, c.with(b), 1));
        assertEquals(Allocation.REPEATED, allocate(b, b.with(c), 1));
        RelaySession third = session(c, allocate(c, c.with(client()), 1));
        server.revoke(b.node);
        assertEquals(2, server.sessionCount(), "b has not asked for the first one, but for the second");
        assertForwarded(A, B, asked);
        server.revoke(a.node);
        assertEquals(1, server.sessionCount());
        assertEquals(0, server.openSessionCount());
        assertEquals(2, server.endedSessions());
        assertEquals(Disposition.UNKNOWN_SESSION, receive(A, RelayClient.data(asked.vni(), 100)));
        assertEquals(Disposition.UNKNOWN_SESSION, receive(A, c.bindRequest(other, 1)));
        assertEquals(third, session(c, allocate(c, third.clients(), 2)));
        assertEquals(Allocation.CREATED, allocate(b, b.with(a), 2), "who is let in again may ask again");
    }

    // ----------------------------------------------------------------------------------------------------------- bind

    @Test
    void shouldForwardBetweenTwoBoundClients() {
        RelaySession session = open();
        assertEquals(1, server.openSessionCount());
        assertForwarded(B, A, session);
        assertForwarded(A, B, session);
        byte[] disco = RelayClient.datagram(new GeneveHeader(false, GeneveHeader.DISCO, session.vni()), new byte[90]);
        assertEquals(Disposition.FORWARDED, receive(A, disco));
        assertEquals(B, server.destination());
    }

    @Test
    void shouldForwardNothingBeforeBothAreBound() {
        RelaySession session = session(a, allocate(a, a.with(b), 1));
        assertEquals(Disposition.UNKNOWN_SOURCE, receive(A, RelayClient.data(session.vni(), 100)));
        bind(a, session, 1, A);
        assertEquals(Disposition.PEER_NOT_BOUND, receive(A, RelayClient.data(session.vni(), 100)));
        assertEquals(Disposition.UNKNOWN_SOURCE, receive(B, RelayClient.data(session.vni(), 100)));
        assertEquals(0, server.openSessionCount());
        bind(b, session, 1, B);
        assertForwarded(A, B, session);
    }

    @Test
    void anAnswerIsAsLongAsWhatItAnswers() {
        RelaySession session = session(a, allocate(a, a.with(b), 1));
        byte[] request = a.bindRequest(session, 1);
        assertEquals(160, request.length);
        assertEquals(Disposition.CHALLENGED, receive(A, request));
        assertEquals(160, server.answer().length);
    }

    @Test
    void bindingAgainFromAnotherAddressMovesThatEnd() {
        RelaySession session = open();
        InetSocketAddress moved = at("198.51.100.7", 7);
        bind(a, session, 2, moved);
        assertForwarded(B, moved, session);
        assertForwarded(moved, B, session);
        assertEquals(Disposition.UNKNOWN_SOURCE, receive(A, RelayClient.data(session.vni(), 10)));
    }

    @Test
    void whoHasProvenToBeAtAnAddressLastIsThere() {
        RelaySession session = open();
        bind(b, session, 2, A);
        assertEquals(Disposition.PEER_NOT_BOUND, receive(A, RelayClient.data(session.vni(), 10)));
        bind(a, session, 2, B);
        assertForwarded(A, B, session);
    }

    // -------------------------------------------------------------------------------------------------------- attacks

    @Test
    void aRequestAloneOpensNothingForAnAddressThatDidNotAsk() {
        RelaySession session = open();
        assertEquals(Disposition.CHALLENGED, receive(ELSEWHERE, a.bindRequest(session, 9)));
        assertForwarded(B, A, session);
        assertEquals(Disposition.UNKNOWN_SOURCE, receive(ELSEWHERE, RelayClient.data(session.vni(), 10)));
    }

    @Test
    void aChallengeIsWorthNothingFromAnotherAddressOrForAnotherBind() {
        RelaySession session = session(a, allocate(a, a.with(b), 1));
        receive(A, a.bindRequest(session, 1));
        Challenge challenge = a.challenge(server.answer());
        assertEquals(Disposition.BAD_ANSWER, receive(ELSEWHERE, a.bindAnswer(session, 1, challenge)));
        assertEquals(Disposition.BAD_ANSWER, receive(at("198.51.100.1", 1003), a.bindAnswer(session, 1, challenge)));
        assertEquals(Disposition.BAD_ANSWER, receive(A, a.bindAnswer(session, 2, challenge)));
        assertEquals(Disposition.BAD_ANSWER, receive(A, b.bindAnswer(session, 1, challenge)));
        assertEquals(Disposition.BAD_ANSWER, receive(A, a.bindAnswer(session, 1, Challenge.NONE)));
        assertEquals(Disposition.BOUND, receive(A, a.bindAnswer(session, 1, challenge)));
    }

    @Test
    void anAnswerFromBeforeAMoveDoesNotBringTheEndBack() {
        RelaySession session = open();
        receive(ELSEWHERE, a.bindRequest(session, 2));
        byte[] captured = a.bindAnswer(session, 2, a.challenge(server.answer()));
        assertEquals(Disposition.BOUND, receive(ELSEWHERE, captured));
        bind(a, session, 3, A);
        assertEquals(Disposition.BAD_ANSWER, receive(ELSEWHERE, captured));
        assertForwarded(B, A, session);
    }

    @Test
    void aChallengeIsGoodForTwoMinutesAndNotForFour() {
        RelaySession session = open();
        receive(ELSEWHERE, a.bindRequest(session, 2));
        byte[] answer = a.bindAnswer(session, 2, a.challenge(server.answer()));
        now += Challenger.SECRET_LIFETIME;
        assertForwarded(A, B, session);
        assertForwarded(B, A, session);
        assertEquals(Disposition.BOUND, receive(ELSEWHERE, answer));
        receive(A, a.bindRequest(session, 3));
        byte[] late = a.bindAnswer(session, 3, a.challenge(server.answer()));
        now += 2 * Challenger.SECRET_LIFETIME;
        assertEquals(Disposition.BAD_ANSWER, receive(A, late));
    }

    @Test
    void shouldDropControlThatIsNotForTheSession() {
        RelaySession session = session(a, allocate(a, a.with(b), 1));
        RelaySession second = session(a, allocate(a, a.with(client()), 1));
        RelayClient c = client();
        Binding right = a.binding(session, 1);
        byte[] damaged = a.bindRequest(session, 1);
        damaged[100] ^= 1;
        List<byte[]> packets = List.of(
                c.control(session.vni(), new BindRequest(right)),
                a.control(session.vni(), new BindRequest(new Binding(session.vni(), 0, b.key()))),
                a.control(session.vni(), new BindRequest(new Binding(session.vni(), 1, a.key()))),
                a.control(session.vni(), new BindRequest(new Binding(second.vni(), 1, b.key()))),
                a.control(second.vni(), new BindRequest(right)),
                a.control(session.vni(), new DiscoMessage.BindChallenge(right, Challenge.NONE)),
                a.control(session.vni(), new DiscoMessage.Ping(TxId.random(random), null, 0)),
                RelayClient.datagram(new GeneveHeader(true, GeneveHeader.WIREGUARD, session.vni()), new byte[152]),
                RelayClient.datagram(new GeneveHeader(true, GeneveHeader.DISCO, session.vni()), new byte[10]),
                damaged);
        for (byte[] packet : packets) {
            assertEquals(Disposition.BAD_CONTROL, receive(A, packet));
        }
        assertEquals(Disposition.BAD_CONTROL, receive(at("198.51.100.1", 0), a.bindRequest(session, 1)));
        assertEquals(
                Disposition.UNKNOWN_SESSION, receive(A, a.control(session.vni() ^ 0x80_0000, new BindRequest(right))));
        assertEquals(0, server.openSessionCount());
    }

    @Test
    void challengesToUnprovenAddressesAreFew() {
        RelaySession session = session(a, allocate(a, a.with(b), 1));
        int sent = 0;
        for (int i = 0; i < 1000; i++) {
            sent += receive(at("203.0.113.9", 1 + i), a.bindRequest(session, 1)) == Disposition.CHALLENGED ? 1 : 0;
        }
        assertEquals(32, sent);
        assertEquals(Disposition.TOO_MANY_BINDS, receive(A, a.bindRequest(session, 1)));
        bind(b, session, 1, B);
        now += SECOND;
        bind(a, session, 1, A);
    }

    @Test
    void onlySoManyEndsAreBoundToOneIpAddress() {
        server = server(new UdpRelayLimits(100, 100, 2, 0));
        InetAddress shared = InetAddress.ofLiteral("198.51.100.1");
        RelaySession session = session(a, allocate(a, a.with(b), 1));
        bind(a, session, 1, new InetSocketAddress(shared, 1));
        bind(b, session, 1, new InetSocketAddress(shared, 2));
        RelayClient c = client();
        RelaySession second = session(c, allocate(c, c.with(a), 1));
        assertEquals(Disposition.TOO_MANY_ADDRESSES, tryToBind(c, second, 1, new InetSocketAddress(shared, 3)));
        bind(a, session, 2, A); // the same IP address, another port
        bind(b, session, 2, B);
        bind(c, second, 1, new InetSocketAddress(shared, 3));
    }

    @Test
    void shouldDropWhatIsNoneOfItsOwn() {
        RelaySession session = open();
        assertEquals(Disposition.NOT_OURS, receive(A, new byte[100]));
        assertEquals(Disposition.NOT_OURS, server.receive(A, GeneveHeader.bits(false, GeneveHeader.DISCO, 1), 7, now));
        assertEquals(Disposition.UNKNOWN_SESSION, receive(A, RelayClient.data(session.vni() ^ 1, 100)));
        assertEquals(Disposition.UNKNOWN_SESSION, receive(A, RelayClient.data(0, 100)));
        assertEquals(Disposition.UNKNOWN_SOURCE, receive(ELSEWHERE, RelayClient.data(session.vni(), 100)));
    }

    @FuzzTest(maxDuration = "5s")
    void shouldSendNothingForHostileBytes(byte[] bytes) {
        server = server(UdpRelayLimits.DEFAULT); // Jazzer calls this again and again on one object
        if (bytes.length >= GeneveHeader.LENGTH) {
            RelaySession session = open();
            byte[] packet = bytes.clone();
            packet[4] = (byte) (session.vni() >>> 16);
            packet[5] = (byte) (session.vni() >>> 8);
            packet[6] = (byte) session.vni();
            Disposition disposition = receive(ELSEWHERE, packet);
            assertTrue(disposition.compareTo(Disposition.BOUND) > 0, disposition + " for what nobody sealed");
        }
        Allocation outcome = server.allocate(b.node, bytes, 0, bytes.length, now);
        assertEquals(Allocation.BAD_REQUEST, outcome);
    }

    // ------------------------------------------------------------------------------------------------ time and limits

    @Test
    void aSessionThatIsNotBoundByBothEndsAfterThirtySeconds() {
        RelaySession session = session(a, allocate(a, a.with(b), 1));
        long endNanos = now + 30 * SECOND;
        assertEquals(endNanos, server.nextDeadlineNanos());
        now = endNanos - 1;
        bind(a, session, 1, A);
        assertEquals(endNanos, server.nextDeadlineNanos(), "one end is not enough");
        now = endNanos;
        assertEquals(Disposition.UNKNOWN_SESSION, receive(A, RelayClient.data(session.vni(), 10)), "before any poll");
        assertEquals(Disposition.UNKNOWN_SESSION, receive(B, b.bindRequest(session, 1)));
        server.poll(now);
        assertEquals(0, server.sessionCount());
        assertEquals(Long.MAX_VALUE, server.nextDeadlineNanos());
    }

    @Test
    void aSessionEndsWhenEitherIsSilentForFiveMinutes() {
        RelaySession session = open();
        long boundNanos = now;
        now += 200 * SECOND;
        assertForwarded(A, B, session);
        assertEquals(boundNanos + 300 * SECOND, server.nextDeadlineNanos(), "b is silent");
        now += 99 * SECOND;
        assertForwarded(B, A, session);
        assertEquals(boundNanos + 500 * SECOND, server.nextDeadlineNanos(), "now a is silent for longer");
        now = boundNanos + 500 * SECOND - 1;
        server.poll(now);
        assertEquals(1, server.openSessionCount());
        now++;
        server.poll(now);
        assertEquals(0, server.openSessionCount() + server.sessionCount());
        assertEquals(1, server.endedSessions());
        assertEquals(Long.MAX_VALUE, server.nextDeadlineNanos());
    }

    @Test
    void theNextDeadlineIsExactWhateverHappens() {
        Seeds.forEach(30, seeded -> {
            server = server(UdpRelayLimits.DEFAULT);
            now = 100 * SECOND;
            for (int i = 0; i < 40; i++) {
                act(seeded);
                now += seeded.nextLong(20 * SECOND);
                int before = server.sessionCount();
                long deadlineNanos = server.nextDeadlineNanos();
                if (deadlineNanos <= now) {
                    server.poll(deadlineNanos - 1);
                    assertEquals(before, server.sessionCount(), "nothing is due before the deadline");
                    server.poll(deadlineNanos);
                    assertTrue(server.sessionCount() < before, "something is due at the deadline");
                }
            }
        });
    }

    private void act(RandomGenerator seeded) {
        RelayClient one = new RelayClient(key.publicKey(), seeded);
        RelayClient other = new RelayClient(key.publicKey(), seeded);
        RelaySession session = session(one, allocate(one, one.with(other), 1));
        if (seeded.nextInt(3) > 0) {
            bind(one, session, 1, A);
            now += seeded.nextLong(SECOND);
            bind(other, session, 1, B);
            assertForwarded(A, B, session);
        }
    }

    @Test
    void aSessionGetsItsBandwidthAndNoMore() {
        server = server(new UdpRelayLimits(10, 10, 10, 1_000_000));
        RelaySession session = open();
        byte[] packet = RelayClient.data(session.vni(), 992);
        int burst = 0;
        while (receive(A, packet) == Disposition.FORWARDED) {
            burst++;
        }
        assertEquals(262_144 / 1000, burst);
        int forwarded = 0;
        for (int i = 0; i < 10_000; i++) {
            now += SECOND / 5_000;
            forwarded += receive(i % 2 == 0 ? A : B, packet) == Disposition.FORWARDED ? 1 : 0;
        }
        assertEquals(2_000, forwarded, 1, "two seconds, both ways together");
    }

    // -------------------------------------------------------------------------------------------------------- helpers

    private UdpRelayServer server(UdpRelayLimits limits) {
        return new UdpRelayServer(key, List.of(PUBLIC), limits, 1000, random, now);
    }

    private RelayClient client() {
        return new RelayClient(key.publicKey(), random);
    }

    private Allocation allocate(RelayClient client, DiscoPair pair, int generation) {
        byte[] request = client.request(pair, generation);
        return server.allocate(client.node, request, 0, request.length, now);
    }

    private RelaySession open() {
        RelaySession session = session(a, allocate(a, a.with(b), 1));
        bind(a, session, 1, A);
        bind(b, session, 1, B);
        return session;
    }

    private void bind(RelayClient client, RelaySession session, int generation, InetSocketAddress from) {
        assertEquals(Disposition.BOUND, tryToBind(client, session, generation, from));
    }

    private Disposition tryToBind(RelayClient client, RelaySession session, int generation, InetSocketAddress from) {
        assertEquals(Disposition.CHALLENGED, receive(from, client.bindRequest(session, generation)));
        Challenge challenge = client.challenge(server.answer());
        return receive(
                from, client.control(session.vni(), new BindAnswer(client.binding(session, generation), challenge)));
    }

    private Disposition receive(InetSocketAddress from, byte[] packet) {
        Disposition disposition = server.receive(from, GeneveHeader.bits(packet, 0), packet.length, now);
        return disposition == Disposition.CONTROL ? server.control(from, packet, 0, packet.length, now) : disposition;
    }

    private void assertForwarded(InetSocketAddress from, InetSocketAddress to, RelaySession session) {
        assertEquals(Disposition.FORWARDED, receive(from, RelayClient.data(session.vni(), 100)));
        assertEquals(to, server.destination());
    }

    private void assertRefused(Allocation refusal, Allocation allocation) {
        assertEquals(refusal, allocation);
        assertFalse(allocation.isAnswered());
    }

    private RelaySession session(RelayClient client, Allocation allocation) {
        assertTrue(allocation.isAnswered(), allocation::name);
        return client.session(server.answer());
    }

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }
}
