package dev.warren.node.netcheck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.node.netcheck.Netcheck.Action;
import dev.warren.node.netcheck.Netcheck.AskPortal;
import dev.warren.node.netcheck.Netcheck.MeasureRelay;
import dev.warren.node.netcheck.Netcheck.Send;
import dev.warren.node.netcheck.NetcheckReport.Reach;
import dev.warren.node.netcheck.NetcheckTargets.RelayServer;
import dev.warren.node.netcheck.NetcheckTargets.Router;
import dev.warren.node.netcheck.NetcheckTargets.StunServer;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.RelaySpec;
import dev.warren.protocol.portmap.NatPmpCodec;
import dev.warren.protocol.portmap.NatPmpMessage;
import dev.warren.protocol.stun.MessageType;
import dev.warren.protocol.stun.StunAttribute.XorMappedAddress;
import dev.warren.protocol.stun.StunCodec;
import dev.warren.protocol.stun.StunMessage;
import dev.warren.protocol.testing.Seeds;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The check as a function of answers and time. */
@Timeout(30)
final class NetcheckTest {
    private static final long MILLI = 1_000_000;
    private static final long START = 1_000;
    private static final long LIMIT = 5_000 * MILLI;
    private static final NetcheckReport.Service OFFERED = new NetcheckReport.Service("offered", null);
    private static final NetcheckReport.Service SILENT = new NetcheckReport.Service("silent", null);
    private static final InetSocketAddress SEEN = new InetSocketAddress("203.0.113.7", 41641);
    private static final InetSocketAddress SEEN_OTHERWISE = new InetSocketAddress("203.0.113.7", 41642);

    private final List<StunServer> stun = new ArrayList<>();
    private final List<RelayServer> relays = new ArrayList<>();
    private final List<Router> routers = new ArrayList<>();
    private final List<String> specs = new ArrayList<>();
    private Set<InetAddress> own = Set.of(InetAddress.ofLiteral("192.168.1.20"));
    private int home;

    /** A region with one relay, and a STUN server on it unless {@code spec} has none. */
    private void region(String spec) {
        specs.add(spec);
        DerpNode node = RelaySpec.parse(spec).nodes().getFirst();
        InetAddress address = InetAddress.ofLiteral(node.hostName());
        relays.add(new RelayServer(node, new InetSocketAddress(address, node.derpPort())));
        if (node.hasStun()) {
            stun.add(new StunServer(node.regionId(), node.name(), new InetSocketAddress(address, node.stunPort())));
        }
    }

    private Netcheck start() {
        DerpMap map = DerpMap.of(specs.stream().map(RelaySpec::parse).toList());
        NetcheckTargets targets = new NetcheckTargets(map, stun, relays, routers, own, home, List.of());
        return new Netcheck(targets, new Random(1), START, LIMIT);
    }

    private static List<Send> sends(List<Action> actions, int socket) {
        return actions.stream()
                .flatMap(action -> action instanceof Send send && send.socket() == socket ? Stream.of(send) : null)
                .toList();
    }

    private static void answer(Netcheck check, Send request, InetSocketAddress seen, long nowNanos) {
        StunMessage asked = (StunMessage) StunCodec.decode(request.bytes(), 0, request.bytes().length);
        byte[] answer =
                StunCodec.encode(StunMessage.of(MessageType.BINDING_SUCCESS, asked.id(), new XorMappedAddress(seen)));
        check.receive(request.socket(), answer, 0, answer.length, request.to(), nowNanos);
    }

    /** Lets the check run without any answer from {@code fromNanos} on; the time when it is over. */
    private static long runOut(Netcheck check, long fromNanos) {
        long now = fromNanos;
        while (true) {
            check.poll(now);
            if (check.isOver(now)) {
                return now;
            }
            long next = check.nextDeadlineNanos(now);
            assertTrue(next > now, () -> "it asks for a wake-up in the past");
            now = next;
        }
    }

    @Test
    void shouldMeasureTheShortestOfThreeRoundTripsAndBeDone() {
        region("900:lo=192.0.2.1:443,stun=3478");
        Netcheck check = start();
        Send first = sends(check.poll(START), Netcheck.STUN_IPV4).getFirst();
        assertEquals(new InetSocketAddress("192.0.2.1", 3478), first.to());
        answer(check, first, SEEN, START + 60 * MILLI);
        assertFalse(check.isOver(START + 60 * MILLI));
        long second = START + 100 * MILLI;
        answer(check, sends(check.poll(second), Netcheck.STUN_IPV4).getFirst(), SEEN, second + 10 * MILLI);
        long third = START + 200 * MILLI;
        answer(check, sends(check.poll(third), Netcheck.STUN_IPV4).getFirst(), SEEN, third + 30 * MILLI);
        assertFalse(check.isOver(START + 999 * MILLI), "somebody may know RFC 5780");
        assertTrue(check.isOver(START + 1_000 * MILLI), "nobody does, and all three were answered");

        NetcheckReport report = check.report(third + 30 * MILLI);
        assertTrue(report.udp());
        assertEquals(new NetcheckReport.Family(Reach.YES, List.of("203.0.113.7:41641")), report.ipv4());
        assertEquals(new NetcheckReport.Family(Reach.NOT_ASKED, List.of()), report.ipv6());
        assertEquals(List.of(new NetcheckReport.Region(900, "lo", 10.0, "stun", 10.0, null, null)), report.regions());
        assertEquals(900, report.preferredRegion());
        assertEquals(0.23, report.seconds(), 1e-9);
        assertTrue(report.reachedAnything());
    }

    @Test
    void shouldNotWaitForLostAnswersWhenOneCame() {
        region("900=192.0.2.1:443,stun=3478");
        Netcheck check = start();
        answer(check, sends(check.poll(START), Netcheck.STUN_IPV4).getFirst(), SEEN, START + 10 * MILLI);
        long over = runOut(check, START + 10 * MILLI);
        assertEquals(START + 1_000 * MILLI, over, "when it is clear that no server knows RFC 5780");
    }

    @Test
    void shouldGiveUpOnTimeWhenNothingAnswers() {
        region("900=192.0.2.1:443,stun=3478");
        region("901=192.0.2.2:443,stun=3478");
        routers.add(new Router(InetAddress.ofLiteral("192.168.1.1"), InetAddress.ofLiteral("192.168.1.20")));
        stun.add(new StunServer(0, "other", new InetSocketAddress("2001:db8::1", 3478)));
        Netcheck check = start();
        assertEquals(START + LIMIT, runOut(check, START), "the relays may still answer over TCP");

        NetcheckReport report = check.report(START + LIMIT);
        assertFalse(report.udp());
        assertEquals(Reach.SILENT, report.ipv4().reach());
        assertEquals(Reach.SILENT, report.ipv6().reach());
        assertEquals(new NetcheckReport.Nat(null, null, null, null, null), report.nat());
        assertNull(report.captivePortal().found());
        assertEquals(0, report.preferredRegion());
        assertEquals(
                List.of(new NetcheckReport.PortMapping("192.168.1.1", SILENT, SILENT, SILENT, null, null)),
                report.portMapping());
        assertNull(report.regions().getFirst().latencyMillis());
        assertNull(report.regions().getFirst().by());
        assertFalse(report.reachedAnything());
    }

    @Test
    void shouldMeasureOverHttpsWhereUdpIsBlocked() {
        region("900:lo=192.0.2.1:443,stun=3478");
        region("901:far=192.0.2.2:443,stun=3478");
        Netcheck check = start();
        assertTrue(check.poll(START).stream().noneMatch(action -> action instanceof MeasureRelay), "STUN goes first");
        List<Action> later = check.poll(START + 1_000 * MILLI);
        assertEquals(
                relays,
                later.stream()
                        .flatMap(action -> action instanceof MeasureRelay(RelayServer relay) ? Stream.of(relay) : null)
                        .toList());
        check.relayAnswered(relays.getFirst(), 80 * MILLI);
        check.relayFailed(relays.getLast(), "it does not answer");
        assertFalse(check.isOver(START + 1_500 * MILLI), "STUN may still answer");
        assertEquals(START + 3_000 * MILLI, runOut(check, START + 1_500 * MILLI));

        NetcheckReport report = check.report(START + 3_000 * MILLI);
        assertFalse(report.udp());
        assertEquals(
                List.of(
                        new NetcheckReport.Region(900, "lo", 80.0, "https", null, null, null),
                        new NetcheckReport.Region(901, "far", null, null, null, null, "it does not answer")),
                report.regions());
        assertEquals(900, report.preferredRegion());
        assertTrue(report.reachedAnything());
    }

    @Test
    void shouldMeasureARegionWithoutStunAtOnceOverHttps() {
        region("900=192.0.2.1:443");
        Netcheck check = start();
        assertEquals(List.of(new MeasureRelay(relays.getFirst())), check.poll(START));
        assertFalse(check.isOver(START));
        check.relayAnswered(relays.getFirst(), 7 * MILLI);
        assertTrue(check.isOver(START + 7 * MILLI));
        assertEquals(
                "https", check.report(START + 7 * MILLI).regions().getFirst().by());
    }

    @Test
    void shouldSayWhetherTheMappingVaries() {
        region("900=192.0.2.1:443,stun=3478");
        region("901=192.0.2.2:443,stun=3478");
        assertNull(natSeen(SEEN).mappingVaries(), "one answer says nothing");
        assertEquals(new NetcheckReport.Nat(true, false, "endpoint-independent", null, null), natSeen(SEEN, SEEN));
        assertEquals(
                new NetcheckReport.Nat(true, true, "destination-dependent", null, null), natSeen(SEEN, SEEN_OTHERWISE));
        own = Set.of(SEEN.getAddress());
        assertEquals(new NetcheckReport.Nat(false, false, "endpoint-independent", null, null), natSeen(SEEN, SEEN));
    }

    private NetcheckReport.Nat natSeen(InetSocketAddress... seen) {
        Netcheck check = start();
        List<Send> requests = sends(check.poll(START), Netcheck.STUN_IPV4);
        for (int i = 0; i < seen.length; i++) {
            answer(check, requests.get(i), seen[i], START + MILLI);
        }
        return check.report(START + MILLI).nat();
    }

    @Test
    void shouldKeepTheAgentsHomeUnlessAnotherIsClearlyNearer() {
        region("900=192.0.2.1:443,stun=3478");
        region("901=192.0.2.2:443,stun=3478");
        home = 901;
        assertEquals(901, preferred(50, 59), "less than 10 ms");
        assertEquals(901, preferred(70, 100), "less than a third");
        assertEquals(900, preferred(50, 100));
        home = 0;
        assertEquals(900, preferred(50, 51));
        home = 777;
        assertEquals(900, preferred(50, 51), "the home is no region any more");
    }

    private int preferred(long firstMillis, long secondMillis) {
        Netcheck check = start();
        List<Send> requests = sends(check.poll(START), Netcheck.STUN_IPV4);
        answer(check, requests.getFirst(), SEEN, START + firstMillis * MILLI);
        answer(check, requests.getLast(), SEEN, START + secondMillis * MILLI);
        return check.report(START + secondMillis * MILLI).preferredRegion();
    }

    @Test
    void shouldNotWaitForAFamilyThatCannotBeSent() {
        stun.add(new StunServer(0, "four", new InetSocketAddress("192.0.2.9", 3478)));
        stun.add(new StunServer(0, "six", new InetSocketAddress("2001:db8::1", 3478)));
        Netcheck check = start();
        List<Action> actions = check.poll(START);
        check.sendFailed(
                Netcheck.STUN_IPV6,
                sends(actions, Netcheck.STUN_IPV6).getFirst().to());
        answer(check, sends(actions, Netcheck.STUN_IPV4).getFirst(), SEEN, START + MILLI);
        assertEquals(START + 1_000 * MILLI, runOut(check, START + MILLI));
        NetcheckReport report = check.report(START + 1_000 * MILLI);
        assertEquals(Reach.CANNOT_SEND, report.ipv6().reach());
        assertEquals(
                List.of(
                        new NetcheckReport.Server("four", "192.0.2.9:3478", 1.0, "203.0.113.7:41641"),
                        new NetcheckReport.Server("six", "[2001:db8:0:0:0:0:0:1]:3478", null, null)),
                report.stunServers());
    }

    @Test
    void shouldTellAPortalFromARelay() {
        region("900=192.0.2.1:80,plaintext");
        region("901=192.0.2.2:80,plaintext");
        region("902=192.0.2.3:443");
        assertEquals(
                new NetcheckReport.Portal(true, "something answers in a relay's place (HTTP status 302)"),
                portal(302, null, 0, null));
        assertEquals(true, portal(204, null, 0, null).found(), "204 without the answer to the challenge");
        assertEquals(true, portal(204, "response ts_else", 0, null).found());
        assertEquals(true, portal(200, "response ts_192.0.2.1", 0, null).found());
        assertEquals(false, portal(204, "response ts_192.0.2.1", 0, null).found());
        assertEquals(false, portal(302, null, 204, "response ts_192.0.2.2").found(), "a portal spares nobody");
        assertNull(portal(0, null, 0, null).found(), "nothing answered");
    }

    /** What two answers mean, each a status (0: none) and the field that answers the challenge. */
    private NetcheckReport.Portal portal(
            int first,
            @org.jspecify.annotations.Nullable String firstSays,
            int second,
            @org.jspecify.annotations.Nullable String secondSays) {
        Netcheck check = start();
        check.poll(START);
        List<AskPortal> asked = check.poll(START + 200 * MILLI).stream()
                .flatMap(action -> action instanceof AskPortal ask ? Stream.of(ask) : null)
                .toList();
        assertEquals(relays.subList(0, 2), asked.stream().map(AskPortal::relay).toList(), "not the one with TLS");
        assertEquals("ts_192.0.2.1", asked.getFirst().challenge());
        if (first == 0) {
            check.portalFailed(relays.getFirst());
        } else {
            check.portalAnswered(relays.getFirst(), first, firstSays);
        }
        if (second == 0) {
            check.portalFailed(relays.get(1));
        } else {
            check.portalAnswered(relays.get(1), second, secondSays);
        }
        return check.report(START + 300 * MILLI).captivePortal();
    }

    @Test
    void shouldAskTheRouterForPortMappings() {
        InetAddress router = InetAddress.ofLiteral("192.168.1.1");
        routers.add(new Router(router, InetAddress.ofLiteral("192.168.1.20")));
        Netcheck check = start();
        assertEquals(4, sends(check.poll(START), Netcheck.MAPPING_IPV4).size());
        NatPmpMessage message = new NatPmpMessage.Address(1, (Inet4Address) SEEN.getAddress());
        byte[] answer = new byte[NatPmpCodec.encodedLength(message)];
        NatPmpCodec.encode(message, answer, 0);
        check.receive(
                Netcheck.MAPPING_IPV4,
                answer,
                0,
                answer.length,
                new InetSocketAddress(router, NatPmpCodec.PORT),
                START);
        assertFalse(check.isOver(START));
        assertTrue(runOut(check, START) <= START + 1_500 * MILLI);
        assertEquals(
                List.of(new NetcheckReport.PortMapping("192.168.1.1", OFFERED, SILENT, SILENT, "203.0.113.7", null)),
                check.report(START).portMapping());
    }

    @Test
    void shouldReportTheSameWhateverTheOrderOfAnswers() {
        for (int i = 1; i <= 6; i++) {
            region("90" + i + "=192.0.2." + i + ":443,stun=3478");
        }
        List<NetcheckReport> reports = new ArrayList<>();
        Seeds.forEach(20, random -> {
            Netcheck check = start();
            List<Send> requests = new ArrayList<>(sends(check.poll(START), Netcheck.STUN_IPV4));
            Collections.shuffle(requests, new Random(random.nextLong()));
            requests.forEach(request -> answer(check, request, SEEN, START + MILLI));
            reports.add(check.report(START + MILLI));
        });
        assertEquals(1, Set.copyOf(reports).size());
    }

    @Test
    void shouldIgnoreStrangersAndGarbage() {
        region("900=192.0.2.1:443,stun=3478");
        routers.add(new Router(InetAddress.ofLiteral("192.168.1.1"), InetAddress.ofLiteral("192.168.1.20")));
        Netcheck check = start();
        Send request = sends(check.poll(START), Netcheck.STUN_IPV4).getFirst();
        Send forged = new Send(Netcheck.STUN_IPV4, new InetSocketAddress("192.0.2.66", 3478), request.bytes());
        answer(check, forged, SEEN, START + MILLI);
        Seeds.forEach(200, random -> {
            byte[] bytes = new byte[random.nextInt(80)];
            random.nextBytes(bytes);
            check.receive(random.nextInt(Netcheck.SOCKETS), bytes, 0, bytes.length, request.to(), START + MILLI);
            byte[] cut = Arrays.copyOf(request.bytes(), random.nextInt(request.bytes().length));
            check.receive(random.nextInt(Netcheck.SOCKETS), cut, 0, cut.length, request.to(), START + MILLI);
        });
        check.relayAnswered(relays.getFirst(), 1);
        check.portalAnswered(relays.getFirst(), 204, "response ts_192.0.2.1");
        NetcheckReport report = check.report(START + MILLI);
        assertFalse(report.reachedAnything(), "nobody was asked for these");
        assertNull(report.captivePortal().found());
    }
}
