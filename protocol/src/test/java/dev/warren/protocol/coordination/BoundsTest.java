package dev.warren.protocol.coordination;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How much a message may hold, and what its parts may be. */
@Timeout(30)
class BoundsTest {
    private static final MeshId MESH = new MeshId("00".repeat(16));
    private static final IdentityPrivateKey IDENTITY = IdentityPrivateKey.parse("idpriv:" + "01".repeat(32));
    private static final NodePublicKey KEY = NodePublicKey.parseHex("02".repeat(32));
    private static final DiscoPublicKey DISCO = DiscoPublicKey.parseHex("03".repeat(32));
    private static final InetAddress IP = AddressText.parseIp("100.64.0.1");
    private static final SignedNodeRecord SIGNED = new SignedNodeRecord("p", "s");

    @Test
    void aStatementHasOneToEightKeys() {
        assertEquals("field \"keys\" is empty; a node has at least one key", refusal(() -> statement(1, 0, 0)));
        statement(1, NodeStatement.MAX_KEYS, 0);
        assertEquals(
                "field \"keys\" has 9 entries; at most 8 are allowed",
                refusal(() -> statement(1, NodeStatement.MAX_KEYS + 1, 0)));
    }

    @Test
    void aStatementCountsFromOneAndHasARegionOrNone() {
        assertEquals("field \"sequence\" must be greater than 0, but is 0", refusal(() -> statement(0, 1, 0)));
        assertEquals("field \"homeRegion\" must not be negative, but is -1", refusal(() -> statement(1, 1, -1)));
        assertEquals(KEY, statement(1, 1, 0).nodeKey());
    }

    @Test
    void aRegistrationIsBounded() {
        List<String> features = Collections.nCopies(65, "f");
        assertEquals(
                "field \"features\" has 65 entries; at most 64 are allowed",
                refusal(() -> new RegisterRequest(1, features, "h", "s", SIGNED, null)));
        assertEquals(
                "field \"hostName\" has 256 characters; at most 255 are allowed",
                refusal(() -> new RegisterRequest(1, List.of(), "h".repeat(256), "s", SIGNED, null)));
        assertEquals(
                "field \"software\" has 256 characters; at most 255 are allowed",
                refusal(() -> new RegisterRequest(1, List.of(), "h", "s".repeat(256), SIGNED, null)));
        assertEquals(
                "field \"token\" has 256 characters; at most 255 are allowed",
                refusal(() -> new RegisterRequest(1, List.of(), "h", "s", SIGNED, "t".repeat(256))));
    }

    @Test
    void anUpdateIsBounded() {
        List<PathReport> paths = Collections.nCopies(4097, new PathReport(KEY, PathKind.NONE, null, 0, null));
        assertEquals(
                "field \"paths\" has 4097 entries; at most 4096 are allowed",
                refusal(() -> new UpdateRequest(null, paths)));
    }

    @Test
    void aRecordIsBounded() {
        assertEquals(
                "field \"name\" has 64 characters; at most 63 are allowed",
                refusal(() -> record("n".repeat(64), 1, 1, 1)));
        assertEquals(
                "field \"addresses\" has 17 entries; at most 16 are allowed", refusal(() -> record("n", 17, 1, 1)));
        assertEquals(
                "field \"allowedIps\" has 257 entries; at most 256 are allowed", refusal(() -> record("n", 1, 257, 1)));
        assertEquals("field \"tags\" has 33 entries; at most 32 are allowed", refusal(() -> record("n", 1, 1, 33)));
    }

    @Test
    void aKeyIsValidFromItsFirstMomentToBeforeItsLast() {
        DatedKey key = new DatedKey(KEY, 10L, 20L);
        assertFalse(key.validAt(9));
        assertTrue(key.validAt(10));
        assertTrue(key.validAt(19));
        assertFalse(key.validAt(20));
        assertTrue(DatedKey.unlimited(KEY).validAt(Long.MIN_VALUE));
        assertTrue(DatedKey.unlimited(KEY).validAt(Long.MAX_VALUE));
    }

    @Test
    void presenceChangesNothingElse() {
        NodeRecord record = record("n", 1, 1, 1);
        NodeRecord later = record.withPresence(true, 5L);
        assertTrue(later.online());
        assertEquals(5, later.lastSeenUnixMillis());
        assertEquals(record, later.withPresence(record.online(), record.lastSeenUnixMillis()));
    }

    @Test
    void aMessagesListsCannotBeChangedFromOutside() {
        List<String> features = new ArrayList<>(List.of("a"));
        RegisterRequest request = new RegisterRequest(1, features, "h", "s", SIGNED, null);
        features.add("b");
        assertEquals(List.of("a"), request.features());
    }

    @Test
    void aTokenStaysOutOfToString() {
        assertFalse(new RegisterRequest(1, List.of(), "h", "s", SIGNED, "very-secret")
                .toString()
                .contains("very-secret"));
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void everyErrorCodeComesBackAndHasAStatus(ErrorCode code) {
        ErrorAnswer answer = new ErrorAnswer(code, "m", null);
        assertEquals(answer, Json.decode(Json.encode(answer), ErrorAnswer.class));
        assertTrue(code.status() >= 400 && code.status() < 600, code::toString);
    }

    @Test
    void errorCodesHaveTextsOfTheirOwn() throws NoSuchFieldException {
        Set<String> texts = new HashSet<>();
        for (ErrorCode code : ErrorCode.values()) {
            JsonProperty text = ErrorCode.class.getField(code.name()).getAnnotation(JsonProperty.class);
            assertTrue(text != null && texts.add(text.value()), code::toString);
        }
    }

    @Test
    void aKnownNodeIsWhatItSigned() {
        NodeStatement statement = statement(1, 1, 7);
        NodeRecord record = new NodeRecord(
                "n",
                SignedNodeRecord.sign(statement, IDENTITY),
                List.of(IP),
                List.of(IpPrefix.host(IP)),
                List.of(),
                1,
                true,
                null);
        KnownNode node = KnownNode.verify(record);
        assertEquals(IDENTITY.publicKey(), node.identity());
        assertEquals("n", node.name());
        assertEquals(KEY, node.nodeKey());
        assertEquals(DISCO, node.discoKey());
        assertEquals(7, node.homeRegion());
        assertEquals(List.of(), node.endpoints());
        assertEquals(List.of(IP), node.addresses());
        assertEquals(List.of(IpPrefix.host(IP)), node.allowedIps());
        assertTrue(node.online());
    }

    private static NodeStatement statement(long sequence, int keys, int homeRegion) {
        List<DatedKey> dated = Collections.nCopies(keys, DatedKey.unlimited(KEY));
        return new NodeStatement(MESH, IDENTITY.publicKey(), sequence, dated, DISCO, List.of(), homeRegion);
    }

    private static NodeRecord record(String name, int addresses, int prefixes, int tags) {
        return new NodeRecord(
                name,
                SIGNED,
                Collections.nCopies(addresses, IP),
                Collections.nCopies(prefixes, IpPrefix.host(IP)),
                Collections.nCopies(tags, "t"),
                1,
                false,
                null);
    }

    private static String refusal(org.junit.jupiter.api.function.Executable made) {
        return Refusal.of(made);
    }
}
