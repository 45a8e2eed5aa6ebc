package dev.warren.node.engine;

import static dev.warren.node.engine.NamedPair.MILLI;
import static dev.warren.node.engine.NamedPair.NAME;
import static dev.warren.node.engine.NamedPair.PORT;
import static dev.warren.node.engine.NamedPair.SECOND;
import static dev.warren.node.engine.NamedPair.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.Peer;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Names for endpoints, with a DNS and a clock of the test's own. */
@Timeout(30)
final class EndpointNamesTest {
    private static final String HERE = "192.0.2.10";
    private static final String THERE = "192.0.2.20";
    private static final String HERE_IPV6 = "2001:db8::10";

    private final NamedPair pair = new NamedPair();

    /** And waits until neither owes the other an answer: a server that says something is found by that alone. */
    private void connectByName() {
        pair.dns(HERE);
        pair.setName();
        pair.client.send();
        pair.run(30 * SECOND);
        assertEquals(1, pair.server.received);
    }

    @Test
    void shouldKeepWhatIsSentBeforeTheNameIsKnown() {
        pair.dns(HERE);
        pair.setName();
        pair.client.send();
        assertEquals(List.of(), pair.tried, "there is no address yet");
        pair.run(100 * MILLI);
        assertEquals(1, pair.server.received);
        assertEquals(List.of(NAME), pair.asked);
        assertEquals(0, pair.client.unreachable);
    }

    @Test
    void shouldSayOnceThatANameIsUnknownAndAskMoreAndMoreRarely() {
        pair.setName();
        pair.run(200 * SECOND);
        List<Long> seconds =
                pair.askedAt.stream().map(at -> (at - SECOND) / SECOND).toList();
        assertEquals(List.of(0L, 2L, 6L, 14L, 30L, 62L, 122L, 182L), seconds);
        assertEquals(List.of(NAME + " is unknown"), pair.complaints);
        pair.client.send();
        assertEquals(1, pair.client.unreachable, "nobody has to wait for an address that may never come");

        pair.dns(HERE);
        pair.run(60 * SECOND);
        pair.client.send();
        pair.run(SECOND);
        assertEquals(1, pair.server.received);
    }

    @Test
    void shouldComplainAgainAfterASuccess() {
        connectByName();
        pair.dns.clear();
        pair.serverAt = at(THERE);
        for (int i = 0; i < 120; i++) {
            pair.client.send();
            pair.run(SECOND);
        }
        assertEquals(1, pair.complaints.size());
        pair.dns(THERE);
        pair.secondsUntilOneArrives(65);
        pair.run(30 * SECOND);
        pair.dns.clear();
        pair.serverAt = at(HERE);
        for (int i = 0; i < 120; i++) {
            pair.client.send();
            pair.run(SECOND);
        }
        assertEquals(2, pair.complaints.size());
    }

    @Test
    void shouldNotWaitForEverForAResolver() {
        pair.dnsAnswers = false;
        pair.dns(HERE);
        pair.setName();
        pair.run(EndpointNames.LOOKUP_NANOS - 1);
        assertEquals(List.of(), pair.complaints);
        pair.run(1);
        assertEquals(List.of("the look-up of the host \"" + NAME + "\" has had no answer for 15 s"), pair.complaints);
        pair.client.send();
        assertEquals(1, pair.client.unreachable);
        pair.dnsAnswers = true;
        pair.run(EndpointNames.FIRST_RETRY_NANOS + SECOND);
        pair.client.send();
        pair.run(SECOND);
        assertEquals(1, pair.server.received);
        assertEquals(2, pair.asked.size());
    }

    /** 15 s until WireGuard finds that nothing comes back, 5 s until the first try at the old place is in vain. */
    @Test
    void shouldFollowANameThatMoves() {
        connectByName();
        pair.serverAt = at(THERE);
        pair.dns(THERE);
        int seconds = pair.secondsUntilOneArrives(30);
        assertTrue(seconds <= 17, seconds + " s");
        assertEquals(at(THERE), pair.client.endpoint());
    }

    @Test
    void shouldNotAskWhileThePeerAnswers() {
        connectByName();
        pair.dns(THERE);
        for (int i = 0; i < 600; i++) {
            pair.client.send();
            pair.server.send();
            pair.run(SECOND);
        }
        assertEquals(1, pair.asked.size());
        assertEquals(at(HERE), pair.client.endpoint());
    }

    @Test
    void shouldAskAtMostTwiceAMinuteForASilentPeer() {
        connectByName();
        pair.serverAt = at(THERE);
        for (int i = 0; i < 600; i++) {
            pair.client.send();
            pair.run(SECOND);
        }
        int asked = pair.asked.size() - 1;
        assertTrue(asked >= 15 && asked <= 20, asked + " times in ten minutes");
    }

    /** The server has moved without its name, the client has followed; one lost initiation must not undo that. */
    @Test
    void shouldLeaveAPeerWhereItHasRoamedTo() {
        connectByName();
        pair.serverAt = at(THERE);
        pair.server.send();
        pair.run(SECOND);
        assertEquals(at(THERE), pair.client.endpoint());
        int[] lost = {0};
        pair.passes = message -> message[0] != 1 || lost[0]++ >= 3;
        for (int i = 0; i < 140; i++) {
            pair.client.send();
            pair.run(SECOND / 2);
            pair.server.send();
            pair.run(SECOND / 2);
        }
        assertTrue(lost[0] > 3, "a renewal went through at last");
        assertEquals(141, pair.server.received, "no packet went elsewhere");
        assertEquals(1, pair.asked.size(), "all the time it was heard");
        assertEquals(at(THERE), pair.client.endpoint());
    }

    @Test
    void shouldTryWhereAPeerHasRoamedToAsWellAsItsName() {
        connectByName();
        pair.serverAt = at(THERE);
        pair.server.send();
        pair.run(30 * SECOND);
        pair.passes = _ -> false;
        for (int i = 0; i < 60; i++) {
            pair.client.send();
            pair.run(SECOND);
        }
        assertTrue(pair.tried.subList(2, pair.tried.size()).contains(at(HERE)), pair.tried.toString());
        pair.passes = _ -> true;
        pair.secondsUntilOneArrives(15);
        assertEquals(at(THERE), pair.client.endpoint());
    }

    @Test
    void shouldGiveAllAddressesTheirTurn() {
        pair.dns("192.0.2.1", "192.0.2.2", HERE);
        pair.setName();
        int seconds = pair.secondsUntilOneArrives(20);
        assertTrue(seconds <= 12, seconds + " s");
        assertEquals(List.of(at("192.0.2.1"), at("192.0.2.2"), at(HERE)), pair.tried);
    }

    @Test
    void shouldTryTwiceWhereThePeerWasHeard() {
        pair.dns(HERE, THERE);
        pair.setName();
        pair.client.send();
        pair.run(200 * SECOND);
        int[] lost = {0};
        pair.passes = _ -> lost[0]++ >= 1;
        pair.secondsUntilOneArrives(10);
        assertEquals(List.of(at(HERE)), pair.tried);
    }

    @Test
    void shouldTakeTheAddressThatHasARoute() {
        pair.unrouted = Inet6Address.class::isInstance;
        pair.dns(HERE_IPV6, HERE);
        pair.setName();
        pair.client.send();
        pair.run(SECOND);
        assertEquals(List.of(at(HERE)), pair.tried);
    }

    @Test
    void shouldTakeTheOtherFamilyWhenTheNetworkChanges() {
        pair.serverAt = at(HERE_IPV6);
        pair.dns(HERE_IPV6, HERE);
        pair.setName();
        pair.client.send();
        pair.run(30 * SECOND);
        assertEquals(at(HERE_IPV6), pair.client.endpoint());
        pair.unrouted = Inet6Address.class::isInstance;
        pair.serverAt = at(HERE);
        pair.client.engine.names().networkChanged(pair.now);
        pair.run(SECOND);
        assertEquals(at(HERE), pair.client.endpoint());
        pair.client.send();
        pair.run(SECOND);
        assertEquals(2, pair.server.received, "under the same session");
    }

    @Test
    void shouldNotMoveAPeerWhenTheNetworkChangesAndDnsAlone() {
        connectByName();
        pair.dns(THERE);
        pair.client.engine.names().networkChanged(pair.now);
        pair.run(SECOND);
        pair.client.engine.names().networkChanged(pair.now);
        pair.run(SECOND);
        assertEquals(2, pair.asked.size(), "not for each of many changes");
        assertEquals(at(HERE), pair.client.endpoint());
    }

    @Test
    void shouldLeaveTheSameNameAndTakeAnother() {
        connectByName();
        pair.setName();
        pair.run(SECOND);
        assertEquals(List.of(NAME), pair.asked);
        pair.dns.put("other.example.org", List.of(InetAddress.ofLiteral(THERE)));
        pair.serverAt = at(THERE);
        pair.client.engine.names().set(pair.client.peer(), "other.example.org", PORT, pair.now);
        pair.run(SECOND);
        assertEquals(at(THERE), pair.client.endpoint(), "who sets a name wants the peer to be there");
    }

    @Test
    void shouldForgetANameWhenAnAddressIsSet() {
        pair.dns(THERE);
        pair.setName();
        pair.client.engine.names().forget(pair.client.peer());
        pair.client.peer().setEndpoint(at(HERE));
        pair.run(SECOND);
        assertEquals(at(HERE), pair.client.endpoint());
        assertNull(EndpointNames.of(pair.client.peer()));
    }

    @Test
    void shouldAskForFourAtATimeAndForEachOnce() {
        pair.dnsAnswers = false;
        List<NodePublicKey> keys = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            NodePublicKey key = NodePrivateKey.generate(new Random(100 + i)).publicKey();
            keys.add(key);
            Peer peer = pair.client.engine.device().addPeer(key, pair.now);
            pair.client.engine.names().set(peer, "host" + i / 2, PORT, pair.now);
        }
        assertEquals(List.of("host0", "host1", "host2", "host3"), pair.asked);
        keys.subList(8, 10).forEach(pair.client.engine.device()::removePeer);
        pair.client.engine.names().failed("host2", "no", pair.now);
        assertEquals(4, pair.asked.size(), "nobody wants host4 any more");
        pair.client.engine.names().found("host1", List.of(InetAddress.ofLiteral(HERE)), List.of(), pair.now);
        for (NodePublicKey key : keys.subList(2, 4)) {
            Peer peer = pair.client.engine.device().peer(key);
            assertEquals(at(HERE), peer == null ? null : peer.endpoint());
        }
    }
}
