package dev.warren.loadtest.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What one interface does with configurations that are large, or that say something special. */
@ParameterizedClass(name = "{0}")
@EnumSource(names = {"OURS_AND_WIREGUARD_GO", "WIREGUARD_GO_AND_OURS"})
@Timeout(60)
class UapiRulesTest {
    private static final int MANY = 130_561;

    /** The points of X25519 whose multiples are all zero: orders 1, 2, 4 and 8, in every form below 2^255. */
    private static final List<String> LOW_ORDER = List.of(
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");

    private static final List<String> TAKEN = List.of(
            "allowed_ip=FD00::1/64",
            "allowed_ip=::ffff:1.2.3.4/32",
            "allowed_ip=64:ff9b::1.2.3.4/96",
            "allowed_ip=-::ffff:1.2.3.4/128",
            "endpoint=[fe80::1%lo]:7",
            "endpoint=[fe80::1%1]:7",
            "endpoint=[fe80::1%99]:7",
            "endpoint=[fe80::1%no-such-link]:7",
            "endpoint=[fe80::1%4294967296]:7",
            "endpoint=[2001:db8::1%no-such-link]:7",
            "endpoint=[::ffff:192.0.2.1]:7",
            "endpoint=[::ffff:192.0.2.1%lo]:7",
            "endpoint=[::1]:0");

    private static final List<String> REFUSED = List.of(
            "allowed_ip=fe80::1%lo/64",
            "allowed_ip=::ffff:01.2.3.4/128",
            "allowed_ip=[fd00::1]/64",
            "allowed_ip=10.0.0.1/00",
            "allowed_ip=10.0.0.1",
            "endpoint=[fe80::1%]:7",
            "endpoint=192.0.2.1%lo:7",
            "endpoint=[192.0.2.1%lo]:7",
            "endpoint=[192.0.2.1]:7",
            "endpoint=fe80::1:7",
            "endpoint=[[fe80::1]]:7",
            "endpoint=192.0.2.1");

    @SuppressWarnings("NullAway.Init") // opened before the first test
    private static MovedPair pair;

    /** The ends are up already, see {@link #open}. */
    UapiRulesTest(@SuppressWarnings("unused") Pairing ends) {}

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

    @Test
    void shouldHoldOnePeerWithMoreAddressesThanFitAnyMessage() throws IOException {
        NodePublicKey peer = pair.key().publicKey();
        List<String> prefixes = IntStream.range(0, MANY)
                .mapToObj(i -> "10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255) + "/32")
                .toList();
        wg().configure(text(peer, prefixes));
        assertEquals(sorted(prefixes), shown(peer));
    }

    @Test
    void shouldHoldManyPeersWithManyAddresses() throws IOException {
        check(40, 52, (peer, i) -> "10." + peer + ".0." + i + "/32");
    }

    @Test
    void shouldHoldPeersWithoutAddresses() throws IOException {
        check(30, 0, (_, _) -> "");
    }

    @Test
    void shouldHoldLongAddresses() throws IOException {
        check(1, 197, (_, i) -> "fd99:" + Integer.toHexString(i + 1) + ":1234:5678:9abc:def0:1234:5678/128");
    }

    @Test
    void shouldAddToWhatIsThere() throws IOException {
        NodePublicKey first = pair.key().publicKey();
        NodePublicKey second = pair.key().publicKey();
        wg().configure(text(first, List.of("10.1.0.1/32", "10.1.0.2/32")));
        wg().add(text(second, List.of("10.1.0.2/32", "fd99::/64")));
        assertEquals(List.of("10.1.0.1/32"), shown(first), "an address moves to the peer that names it last");
        assertEquals(List.of("10.1.0.2/32", "fd99::/64"), shown(second));
        assertEquals(2, wg().show("peers").lines().count());
    }

    /** Java takes them for addresses of IPv4, which they are not in a packet. */
    @Test
    void shouldKeepAddressesOfIpv6ThatHoldOneOfIpv4() throws IOException {
        NodePublicKey peer = pair.key().publicKey();
        wg().set(peer, "allowed-ips ::ffff:1.2.3.4/128,1.2.3.4/32,::ffff:1.2.3.4/97");
        assertEquals(sorted(List.of("1.2.3.4/32", "::ffff:0.0.0.0/97", "::ffff:1.2.3.4/128")), shown(peer));
    }

    @Test
    void shouldTakeAndRefuseTheSameValues() throws IOException {
        String begin = "set=1\npublic_key=" + pair.key().publicKey().hex() + "\n";
        for (String line : TAKEN) {
            assertEquals("errno=0\n\n", wg().ask(begin + line + "\n\n"), line);
        }
        for (String line : REFUSED) {
            assertEquals("errno=-22\n\n", wg().ask(begin + line + "\n\n"), line);
        }
    }

    @Test
    void shouldFindAScopeThatComesLater() throws Exception {
        NodePublicKey peer = pair.key().publicKey();
        wg().ask("set=1\npublic_key=" + peer.hex() + "\nendpoint=[fe80::1%later0]:7\n\n");
        pair.outside().ip("link add later0 type veth peer name later1");
        try {
            Wg.await("the endpoint", () -> wg().endpoint(peer).startsWith("[fe80::1%"));
        } finally {
            pair.outside().ip("link delete later0");
        }
    }

    @Test
    void shouldForgetKeysThatAreTakenAway() throws IOException {
        NodePublicKey peer = pair.secondKey().publicKey();
        assertFalse(wg().show("preshared-keys", peer).contains("(none)"));
        wg().set(peer, "preshared-key /dev/null");
        assertEquals(List.of("(none)"), wg().show("preshared-keys", peer));

        assertEquals(text(pair.firstKey()), wg().show("private-key"));
        wg().set("private-key /dev/null");
        assertEquals("(none)", wg().show("private-key"));
        assertEquals("(none)", wg().show("public-key"));
        assertEquals(1, wg().show("peers").lines().count(), "the peers stay");
    }

    @Test
    void shouldHaveNoPeerWithItsOwnKey() throws Exception {
        wg().set(pair.firstKey().publicKey(), "allowed-ips 10.1.0.0/16");
        assertEquals(pair.secondKey().publicKey().base64(), wg().show("peers"), "ignored");

        NodePrivateKey later = pair.key();
        wg().set(later.publicKey(), "allowed-ips 10.1.0.0/16");
        assertEquals(2, wg().show("peers").lines().count());
        wg().setKey(later);
        assertEquals(pair.secondKey().publicKey().base64(), wg().show("peers"), "removed");
    }

    @Test
    void shouldShowAPrivateKeyInTheFormThatItUses() throws IOException {
        byte[] ones = new byte[32];
        Arrays.fill(ones, (byte) 0xff);
        wg().place()
                .run(
                        "wg set " + wg().name() + " private-key /dev/stdin",
                        Base64.getEncoder().encodeToString(ones) + "\n");
        ones[0] = (byte) 0xf8;
        ones[31] = 0x7f;
        assertEquals(Base64.getEncoder().encodeToString(ones), wg().show("private-key"));
    }

    @Test
    void shouldSendNothingToKeysOfLowOrder() throws Exception {
        pair.outside()
                .nft(
                        """
                        table inet test {
                          counter low { }
                          counter good { }
                          chain out {
                            type filter hook output priority 0;
                            udp dport 4000-4006 counter name low
                            udp dport 4010 counter name good
                          }
                        }
                        """);
        for (int i = 0; i < LOW_ORDER.size(); i++) {
            byte[] key = HexFormat.of().parseHex(LOW_ORDER.get(i));
            peer(NodePublicKey.of(key), 4000 + i, pair.ipv4(100 + i));
            pair.firstPlace().attempt("ping -n -c 1 -W 0.05 " + pair.ipv4(100 + i));
        }
        // A key like any other shows that the same things do send something.
        peer(pair.key().publicKey(), 4010, pair.ipv4(110));
        pair.firstPlace().attempt("ping -n -c 1 -W 0.05 " + pair.ipv4(110));
        Wg.await("an initiation", () -> pair.outside().counted("good") > 0);
        assertEquals(0, pair.outside().counted("low"));
        pair.firstPlace().ping(1, pair.secondIpv4());
    }

    private static Wg wg() {
        return pair.first();
    }

    private void peer(NodePublicKey key, int port, String address) throws IOException {
        wg().set(key, "allowed-ips " + address + "/32 persistent-keepalive 1 endpoint 127.0.0.1:" + port);
    }

    /** The text of one address of one peer. */
    @FunctionalInterface
    private interface Addresses {
        String of(int peer, int number);
    }

    private void check(int peers, int addresses, Addresses text) throws IOException {
        List<NodePublicKey> keys = new ArrayList<>();
        List<List<String>> prefixes = new ArrayList<>();
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < peers; i++) {
            int peer = i;
            keys.add(pair.key().publicKey());
            prefixes.add(IntStream.range(0, addresses)
                    .mapToObj(number -> text.of(peer, number))
                    .toList());
            all.append(text(keys.getLast(), prefixes.getLast()));
        }
        wg().configure(all.toString());
        assertEquals(peers, wg().show("peers").lines().count());
        for (int i = 0; i < peers; i++) {
            assertEquals(sorted(prefixes.get(i)), shown(keys.get(i)));
        }
    }

    private List<String> shown(NodePublicKey peer) throws IOException {
        List<String> words = wg().show("allowed-ips", peer);
        assertFalse(words.isEmpty(), "the peer is missing");
        return words.getFirst().equals("(none)")
                ? List.of()
                : sorted(List.of(words.getFirst().split(" ", -1)));
    }

    private static List<String> sorted(List<String> prefixes) {
        return prefixes.stream().sorted().toList();
    }

    private static String text(NodePublicKey peer, List<String> prefixes) {
        String lines =
                prefixes.stream().map(prefix -> "AllowedIPs = " + prefix + "\n").collect(Collectors.joining());
        return "[Peer]\nPublicKey = " + peer.base64() + "\n" + lines;
    }

    private static String text(NodePrivateKey key) {
        return Base64.getEncoder().encodeToString(key.bytes());
    }
}
