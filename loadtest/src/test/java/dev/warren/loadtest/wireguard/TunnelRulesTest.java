package dev.warren.loadtest.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.tunnel.Iperf;
import dev.warren.loadtest.tunnel.IperfReport;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a tunnel does with packets and with changes of its configuration. */
@ParameterizedClass(name = "{0}")
@EnumSource(Pairing.class)
@Timeout(60)
class TunnelRulesTest {
    /** What a second of TCP moves at least, however busy the machine is. */
    private static final long FEW_BYTES = 1_000_000;

    /** As the kernel's own test has it. */
    private static final int JUMBO_BYTES = 34_736;

    @SuppressWarnings("NullAway.Init") // opened before the first test
    private static MovedPair pair;

    /** The ends are up already, see {@link #open}. */
    TunnelRulesTest(@SuppressWarnings("unused") Pairing ends) {}

    @BeforeParameterizedClassInvocation
    static void open(Pairing ends) throws IOException, InterruptedException {
        pair = MovedPair.open(ends);
    }

    @AfterParameterizedClassInvocation
    static void close() {
        if (pair != null) { // none was opened where what it needs is missing
            pair.close();
        }
    }

    @BeforeEach
    void reset() throws IOException {
        pair.reset();
    }

    @ParameterizedTest(name = "outside IPv6: {0}")
    @ValueSource(booleans = {false, true})
    void shouldCarryFloodsStreamsAndDatagramsOfBothFamilies(boolean outsideIpv6) throws Exception {
        if (outsideIpv6) {
            pair.outsideIpv6();
        }
        everything();
    }

    /** A packet is more than a datagram then, and a datagram more than an Ethernet frame. */
    @ParameterizedTest(name = "outside IPv6: {0}")
    @ValueSource(booleans = {false, true})
    void shouldCarryJumboPackets(boolean outsideIpv6) throws Exception {
        if (outsideIpv6) {
            pair.outsideIpv6();
        }
        pair.mtu(JUMBO_BYTES);
        pair.firstPlace().ping(3, "-M do -s " + (JUMBO_BYTES - 28), pair.secondIpv4());
        pair.secondPlace().ping(3, "-M do -s " + (JUMBO_BYTES - 48), pair.firstIpv6());
        everything();
    }

    @ParameterizedTest(name = "{0} streams")
    @ValueSource(ints = {4, 5, 50})
    void shouldCarryParallelStreams(int streams) throws Exception {
        IperfReport report = toSecond(pair.secondIpv4()).run(1, List.of("-Z", "-P", Integer.toString(streams)));
        assertTrue(report.receivedBytes() > FEW_BYTES, report.toString());
    }

    @Test
    void shouldCountTenPingsToTheByte() throws Exception {
        pair.firstPlace().ping(10, pair.secondIpv4());

        // An echo of 84 bytes is padded to 96 and gets a header and a tag of 16 each.
        Wg.Transfer first = pair.first().transfer(pair.secondKey().publicKey());
        assertEquals(new Wg.Transfer(10 * 128 + 92, 10 * 128 + 148), first);
        Wg.Transfer second = pair.second().transfer(pair.firstKey().publicKey());
        assertEquals(first.sent(), second.received());
        assertEquals(first.received(), second.sent());
        assertNotEquals(0, pair.first().lastHandshake(pair.secondKey().publicKey()));
        assertNotEquals(0, pair.second().lastHandshake(pair.firstKey().publicKey()));
    }

    @Test
    void shouldFollowAPeerToItsNewPort() throws Exception {
        NodePublicKey roaming = pair.firstKey().publicKey();
        pair.first().set("listen-port 9997");
        pair.firstPlace().ping(1, pair.secondIpv4());
        assertEquals("127.0.0.1:9997", pair.second().endpoint(roaming));

        pair.first().set("listen-port 9998");
        pair.first().set(pair.secondKey().publicKey(), "endpoint [::1]:" + MovedPair.SECOND_PORT);
        pair.firstPlace().ping(1, pair.secondIpv6());
        assertEquals("[::1]:9998", pair.second().endpoint(roaming));
        pair.secondPlace().ping(1, pair.firstIpv4());
    }

    @Test
    void shouldDropWhatComesFromAnAddressOfAnotherPeerButFollowItsSender() throws Exception {
        Wg first = pair.first();
        NodePublicKey sender = pair.secondKey().publicKey();
        NodePublicKey other = pair.key().publicKey();
        first.set(sender, "allowed-ips " + pair.ipv4Net());
        pair.secondPlace().ping(1, pair.firstIpv4());
        assertEquals("127.0.0.1:" + MovedPair.SECOND_PORT, first.endpoint(sender));

        first.set(other, "allowed-ips " + pair.secondIpv4() + "/32");
        pair.second().set("listen-port 9997");
        long before = first.transfer(sender).received();
        assertFalse(pair.secondPlace().pings(pair.firstIpv4()));
        assertEquals("127.0.0.1:9997", first.endpoint(sender));
        assertEquals(before + 128, first.transfer(sender).received(), "it was decrypted, and counted");
        assertEquals(0, first.lastHandshake(other));

        first.set(other, "remove");
        pair.secondPlace().ping(1, pair.firstIpv4());
    }

    @Test
    void shouldLetTwoEndsSwapTheirKeys() throws Exception {
        pair.firstPlace().ping(1, pair.secondIpv4());
        pair.first().setKey(pair.secondKey());
        assertEquals("", pair.first().show("peers"), "a peer with the interface's own key goes");
        pair.second().setKey(pair.firstKey());
        assertEquals("", pair.second().show("peers"));

        introduce(pair.first(), pair.firstKey(), pair.secondIpv4(), MovedPair.SECOND_PORT);
        introduce(pair.second(), pair.secondKey(), pair.firstIpv4(), MovedPair.FIRST_PORT);
        pair.firstPlace().ping(3, pair.secondIpv4());
    }

    @Test
    void shouldGoOnWhenAKeyIsChangedUnderAStream() throws Exception {
        NodePublicKey before = pair.firstKey().publicKey();
        NodePrivateKey after = pair.key();
        pair.firstPlace().ping(1, pair.secondIpv4());
        long beginning = pair.second().transfer(before).received();
        try (ExecutorService background = Executors.newSingleThreadExecutor()) {
            Future<IperfReport> stream =
                    background.submit(() -> toSecond(pair.secondIpv4()).run(4, List.of()));
            Wg.await("the stream", () -> pair.second().transfer(before).received() > beginning + FEW_BYTES);
            pair.second()
                    .set(
                            after.publicKey(),
                            "allowed-ips " + pair.firstIpv4() + "/32 endpoint 127.0.0.1:" + MovedPair.FIRST_PORT);
            pair.first().set(pair.secondKey().publicKey(), "preshared-key /dev/null");
            pair.first().setKey(after);
            Wg.await(
                    "the stream under the new key",
                    () -> pair.second().transfer(after.publicKey()).received() > FEW_BYTES);
            moves(stream.get());
        }
        assertNotEquals(0, pair.second().lastHandshake(after.publicKey()));
    }

    private static void introduce(Wg wg, NodePrivateKey peer, String address, int port) throws IOException {
        wg.set(peer.publicKey(), "allowed-ips " + address + "/32 endpoint 127.0.0.1:" + port);
    }

    private void everything() throws IOException, InterruptedException {
        pair.firstPlace().ping(100, pair.secondIpv4());
        pair.secondPlace().ping(100, pair.firstIpv4());
        pair.firstPlace().ping(100, pair.secondIpv6());
        pair.secondPlace().ping(100, pair.firstIpv6());
        moves(toSecond(pair.secondIpv4()).run(1, List.of("-Z")));
        moves(toFirst(pair.firstIpv6()).run(1, List.of("-Z")));
        moves(toFirst(pair.firstIpv4()).run(1, List.of("-u", "-b", "0")));
        moves(toSecond(pair.secondIpv6()).run(1, List.of("-u", "-b", "0")));
    }

    private static void moves(IperfReport report) {
        assertTrue(report.receivedBytes() > FEW_BYTES, report.toString());
    }

    private Iperf toSecond(String address) {
        return new Iperf(pair.firstPlace().end(), pair.secondPlace().end(), address);
    }

    private Iperf toFirst(String address) {
        return new Iperf(pair.secondPlace().end(), pair.firstPlace().end(), address);
    }
}
