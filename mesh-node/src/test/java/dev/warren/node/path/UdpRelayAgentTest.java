package dev.warren.node.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.disco.Challenge;
import dev.warren.protocol.disco.DiscoMessage.Binding;
import dev.warren.protocol.disco.DiscoPair;
import dev.warren.protocol.disco.RelaySession;
import dev.warren.protocol.disco.TxId;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.testing.Seeds;
import dev.warren.protocol.udprelay.RelayPath;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The agent by itself: what it asks for, what it believes, and when. */
@Timeout(30)
final class UdpRelayAgentTest implements UdpRelayAgent.Output {
    private static final long SECOND = 1_000_000_000L;
    private static final DiscoPublicKey OWN = key(1);
    private static final DiscoPublicKey PEER = key(2);
    private static final DiscoPublicKey SERVER = key(50);
    private static final DiscoPublicKey LATER_SERVER = key(60);
    private static final DiscoPair PAIR = new DiscoPair(OWN, PEER);
    private static final InetSocketAddress FIRST = at("192.0.2.1", 3479);
    private static final InetSocketAddress SECOND_ADDRESS = at("2001:db8::1", 3479);
    private static final Challenge CHALLENGE = new Challenge(1, 2, 3, 4);

    private final UdpRelayAgent agent = new UdpRelayAgent(OWN, PEER, new Random(1), this);
    private final List<Integer> requests = new ArrayList<>();
    private final List<RelaySession> calls = new ArrayList<>();
    private final List<InetSocketAddress> binds = new ArrayList<>();
    private final List<InetSocketAddress> answers = new ArrayList<>();
    private final List<RelayPath> pings = new ArrayList<>();
    private boolean relayThere = true;
    private Binding binding = new Binding(0, 0, PEER);
    private TxId pinged = new TxId(0, 0);
    private long now = 1_000 * SECOND;

    @Test
    void shouldAskForASessionOnlyWhenADirectPathHadItsTime() {
        agent.update(true, now);
        assertEquals(now + SECOND, agent.nextDeadlineNanos());
        agent.poll(now + SECOND - 1);
        assertEquals(0, requests.size());
        agent.update(false, now);
        assertEquals(Long.MAX_VALUE, agent.nextDeadlineNanos(), "a direct path was found");
        agent.update(true, now);
        pass(SECOND);
        assertEquals(1, requests.size());
    }

    @Test
    void thePeerWithTheHigherKeyWaitsLonger() {
        UdpRelayAgent other = new UdpRelayAgent(PEER, OWN, new Random(1), this);
        other.update(true, now);
        assertEquals(now + 2_500_000_000L, other.nextDeadlineNanos());
    }

    @Test
    void aSilentRelayIsAskedTwiceAndThenLeftAlone() {
        agent.update(true, now);
        pass(SECOND);
        pass(3 * SECOND);
        assertEquals(List.of(requests.getFirst(), requests.getFirst()), requests, "the same request again");
        pass(7 * SECOND);
        assertEquals(2, requests.size());
        assertEquals(now + 30 * SECOND, agent.nextDeadlineNanos());
        assertFalse(agent.onAllocated(requests.getFirst(), session(SERVER, 7, 1), now), "too late");
        pass(30 * SECOND);
        assertEquals(3, requests.size());
    }

    @Test
    void withoutARelayItLooksAgainLater() {
        relayThere = false;
        agent.update(true, now);
        pass(SECOND);
        assertEquals(now + 5 * SECOND, agent.nextDeadlineNanos());
        relayThere = true;
        pass(5 * SECOND);
        assertEquals(2, requests.size());
    }

    @Test
    void shouldCallThePeerAndBindAtAllAddressesAndAnswerTheFirstChallenge() {
        RelaySession session = allocated();
        assertEquals(List.of(session), calls);
        assertEquals(List.of(FIRST, SECOND_ADDRESS), binds);
        assertTrue(binding.generation() != 0);
        assertEquals(new Binding(7, binding.generation(), PEER), binding);
        agent.onChallenge(SECOND_ADDRESS, binding, CHALLENGE, now);
        agent.onChallenge(FIRST, binding, CHALLENGE, now);
        assertEquals(List.of(SECOND_ADDRESS), answers, "to its source, and only the first");
        assertEquals(List.of(new RelayPath(SECOND_ADDRESS, 7)), pings, "a ping follows the answer at once");
        assertNull(agent.path(), "nothing is proven yet");
        assertFalse(agent.isTrusted(now));
    }

    @Test
    void shouldNotAnswerChallengesThatWereNotAskedFor() {
        agent.onChallenge(FIRST, new Binding(7, 1, PEER), CHALLENGE, now);
        allocated();
        agent.onChallenge(FIRST, new Binding(7, binding.generation() + 1, PEER), CHALLENGE, now);
        agent.onChallenge(FIRST, new Binding(7, binding.generation(), OWN), CHALLENGE, now);
        assertEquals(0, answers.size());
    }

    @Test
    void aPongThroughTheRelayProvesThePath() {
        proven();
        assertEquals(new RelayPath(FIRST, 7), agent.path());
        assertTrue(agent.isTrusted(now));
        assertEquals(20_000_000, agent.latencyNanos());
        assertTrue(agent.isTrusted(now + 6_500_000_000L - 1));
        assertFalse(agent.isTrusted(now + 6_500_000_000L));
        assertNotNull(agent.path(), "used beside DERP when the trust has ended");
    }

    @Test
    void aPongProvesNothingWhenItCameAnotherWayOrTooLateOrTwice() {
        allocated();
        agent.onChallenge(FIRST, binding, CHALLENGE, now);
        assertFalse(agent.onPong(pinged, new RelayPath(FIRST, 8), now));
        assertFalse(agent.onPong(pinged, new RelayPath(SECOND_ADDRESS, 7), now));
        assertFalse(agent.onPong(new TxId(1, 2), new RelayPath(FIRST, 7), now));
        assertFalse(agent.isTrusted(now));
        assertTrue(agent.onPong(pinged, new RelayPath(FIRST, 7), now + SECOND));
        assertFalse(agent.onPong(pinged, new RelayPath(FIRST, 7), now + SECOND));
    }

    @Test
    void whileNeededItIsKeptByHeartbeatsAndElseLeftAlone() {
        proven();
        int before = pings.size();
        assertEquals(now + 3 * SECOND, agent.nextDeadlineNanos());
        pass(3 * SECOND);
        assertEquals(before + 1, pings.size());
        assertTrue(agent.onPong(pinged, new RelayPath(FIRST, 7), now));
        agent.update(false, now);
        assertEquals(Long.MAX_VALUE, agent.nextDeadlineNanos());
        agent.update(true, now);
        assertEquals(before + 2, pings.size(), "at once when it is needed again");
        assertTrue(agent.isTrusted(now));
    }

    @Test
    void whenItGoesSilentItIsBoundAgainAndThenANewSessionIsAskedFor() {
        proven();
        binds.clear();
        requests.clear();
        pass(6_500_000_000L);
        assertFalse(agent.isTrusted(now));
        assertEquals(List.of(FIRST, SECOND_ADDRESS), binds.subList(0, 2), "bound again in the same session");
        assertEquals(new RelayPath(FIRST, 7), agent.path());
        pass(20 * SECOND);
        assertNull(agent.path());
        assertEquals(2, requests.size(), "once, and once again as the relay is silent");
    }

    @Test
    void shouldFollowThePeersCallEvenWhenNothingIsSent() {
        assertTrue(agent.onCallMeMaybeVia(session(SERVER, 7, 1), now));
        assertEquals(List.of(FIRST, SECOND_ADDRESS), binds);
        assertEquals(0, calls.size(), "and not call back");
        agent.onChallenge(FIRST, binding, CHALLENGE, now);
        pass(20_000_000);
        assertTrue(agent.onPong(pinged, new RelayPath(FIRST, 7), now));
        assertEquals(Long.MAX_VALUE, agent.nextDeadlineNanos(), "kept by the peer's pings only");
    }

    @Test
    void shouldRefuseCallsThatMakeNoSense() {
        assertFalse(agent.onCallMeMaybeVia(session(new DiscoPair(OWN, SERVER), LATER_SERVER, 7, 1), now));
        assertFalse(agent.onCallMeMaybeVia(session(PEER, 7, 1), now), "the peer is not its own relay");
        assertFalse(agent.onCallMeMaybeVia(session(SERVER, 0, 1), now));
        assertFalse(agent.onCallMeMaybeVia(session(SERVER, 1 << 24, 1), now));
        RelaySession nowhere =
                new RelaySession(SERVER, PAIR, 1, 7, 1, 1, List.of(at("224.0.0.1", 1), at("192.0.2.1", 0)));
        assertFalse(agent.onCallMeMaybeVia(nowhere, now));
        assertEquals(0, binds.size());
    }

    @Test
    void manyCallsDoNotMakeItSendMuch() {
        for (int i = 0; i < 100; i++) {
            assertTrue(agent.onCallMeMaybeVia(session(SERVER, 7, 1 + i), now));
        }
        assertEquals(2, binds.size());
        List<InetSocketAddress> many = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            many.add(at("192.0.2.1", i));
        }
        pass(2 * SECOND);
        binds.clear();
        agent.onCallMeMaybeVia(new RelaySession(SERVER, PAIR, 500, 8, 1, 1, many), now);
        assertEquals(16, binds.size());
    }

    @Test
    void ofTwoSessionsInTheMakingBothTakeTheOneOfTheLowerServer() {
        allocated(); // at SERVER, by us
        agent.onCallMeMaybeVia(session(LATER_SERVER, 9, 1), now);
        assertTrue(agent.isIn(SERVER, 7), "ours has the lower key");
        agent.onCallMeMaybeVia(session(key(40), 11, 1), now + 2 * SECOND);
        assertTrue(agent.isIn(key(40), 11), "the peer's has the lower key");
    }

    @Test
    void ofOneServerTheLaterSessionCounts() {
        agent.onCallMeMaybeVia(session(SERVER, 7, 10), now);
        agent.onCallMeMaybeVia(session(SERVER, 8, 9), now + 2 * SECOND);
        assertTrue(agent.isIn(SERVER, 7));
        agent.onCallMeMaybeVia(session(SERVER, 9, 11), now + 4 * SECOND);
        assertTrue(agent.isIn(SERVER, 9));
    }

    @Test
    void aSessionThatWorksIsKept() {
        proven();
        agent.onCallMeMaybeVia(session(key(40), 11, 99), now);
        assertTrue(agent.isIn(SERVER, 7));
    }

    @Test
    void aChangeOfTheNetworkVoidsWhatWasProvenAndBindsAgain() {
        proven();
        binds.clear();
        agent.onNetworkChanged(now);
        assertFalse(agent.isTrusted(now));
        assertNull(agent.path());
        assertEquals(List.of(FIRST, SECOND_ADDRESS), binds);
        agent.onChallenge(SECOND_ADDRESS, binding, CHALLENGE, now);
        assertTrue(agent.onPong(pinged, new RelayPath(SECOND_ADDRESS, 7), now + 1));
        assertEquals(new RelayPath(SECOND_ADDRESS, 7), agent.path());
    }

    @Test
    void theNextDeadlineIsExactWhateverHappens() {
        Seeds.forEach(200, random -> {
            UdpRelayAgent any = new UdpRelayAgent(OWN, PEER, random, this);
            for (int i = 0; i < 60; i++) {
                act(any, random);
                long due = any.nextDeadlineNanos();
                if (due == Long.MAX_VALUE) {
                    now += random.nextLong(10 * SECOND);
                    continue;
                }
                int done = requests.size() + binds.size() + pings.size() + calls.size();
                any.poll(due - 1);
                assertEquals(
                        done, requests.size() + binds.size() + pings.size() + calls.size(), "not before it is due");
                assertEquals(due, any.nextDeadlineNanos());
                now = Math.max(now, due);
                any.poll(now);
                assertTrue(any.nextDeadlineNanos() > now, "and then it is done");
            }
        });
    }

    private void act(UdpRelayAgent any, RandomGenerator random) {
        switch (random.nextInt(8)) {
            case 0 -> any.update(random.nextBoolean(), now);
            case 1 -> any.onAllocated(requests.isEmpty() ? 1 : requests.getLast(), session(SERVER, 7, 1), now);
            case 2 -> any.onCallMeMaybeVia(session(SERVER, random.nextInt(1, 4), random.nextInt(3)), now);
            case 3 -> any.onChallenge(FIRST, binding, CHALLENGE, now);
            case 4 -> any.onPong(pinged, new RelayPath(FIRST, binding.vni()), now);
            case 5 -> any.onPing(new RelayPath(FIRST, binding.vni()), now);
            case 6 -> any.onNetworkChanged(now);
            default -> relayThere = random.nextBoolean();
        }
    }

    // -------------------------------------------------------------------------------------------------------- helpers

    private RelaySession allocated() {
        agent.update(true, now);
        pass(SECOND);
        RelaySession session = session(SERVER, 7, 1);
        assertTrue(agent.onAllocated(requests.getLast(), session, now));
        return session;
    }

    private void proven() {
        allocated();
        agent.onChallenge(FIRST, binding, CHALLENGE, now);
        pass(20_000_000);
        assertTrue(agent.onPong(pinged, new RelayPath(FIRST, 7), now));
    }

    /** Lets time pass, from deadline to deadline. */
    private void pass(long nanos) {
        long end = now + nanos;
        while (agent.nextDeadlineNanos() <= end) {
            now = Math.max(now, agent.nextDeadlineNanos());
            agent.poll(now);
        }
        now = end;
    }

    private static RelaySession session(DiscoPublicKey server, int vni, long lamportId) {
        return session(PAIR, server, vni, lamportId);
    }

    private static RelaySession session(DiscoPair pair, DiscoPublicKey server, int vni, long lamportId) {
        return new RelaySession(
                server, pair, lamportId, vni, 30 * SECOND, 300 * SECOND, List.of(FIRST, SECOND_ADDRESS));
    }

    private static DiscoPublicKey key(int fill) {
        byte[] bytes = new byte[DiscoPublicKey.LENGTH];
        java.util.Arrays.fill(bytes, (byte) fill);
        return DiscoPublicKey.of(bytes);
    }

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    @Override
    public boolean allocate(DiscoPair clients, int generation) {
        assertEquals(PAIR, clients);
        requests.add(generation);
        return relayThere;
    }

    @Override
    public void callMeMaybeVia(RelaySession session) {
        calls.add(session);
    }

    @Override
    public void bind(RelaySession session, Binding asked, InetSocketAddress to) {
        binds.add(to);
        binding = asked;
    }

    @Override
    public void answer(RelaySession session, Binding answered, Challenge challenge, InetSocketAddress to) {
        assertEquals(binding, answered);
        assertEquals(CHALLENGE, challenge);
        answers.add(to);
    }

    @Override
    public void ping(RelayPath path, TxId id) {
        pings.add(path);
        pinged = id;
    }
}
