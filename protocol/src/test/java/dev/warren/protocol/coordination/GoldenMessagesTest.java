package dev.warren.protocol.coordination;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.RelaySpec;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The exact JSON of every message, both ways. A change here is a change of the protocol. */
@Timeout(30)
class GoldenMessagesTest {
    private static final IdentityPrivateKey IDENTITY = IdentityPrivateKey.parse("idpriv:" + "01".repeat(32));
    private static final String IDENTITY_TEXT =
            "idkey:8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c";
    private static final String MESH_TEXT = "000102030405060708090a0b0c0d0e0f";
    private static final MeshId MESH = new MeshId(MESH_TEXT);
    private static final NodePublicKey NODE_KEY = NodePublicKey.parseHex("02".repeat(32));
    private static final NodeStatement STATEMENT = new NodeStatement(
            MESH,
            IDENTITY.publicKey(),
            7,
            List.of(new DatedKey(NODE_KEY, 1L, 2L)),
            DiscoPublicKey.parseHex("03".repeat(32)),
            List.of(AddressText.parseEndpoint("192.0.2.1:41641"), AddressText.parseEndpoint("[2001:db8::1]:41641")),
            900);
    private static final String STATEMENT_JSON = "{\"mesh\":\"" + MESH_TEXT + "\"," // which mesh
            + "\"identity\":\"" + IDENTITY_TEXT + "\"," // who says it
            + "\"sequence\":7," // newer replaces older
            + "\"keys\":[{\"key\":\"nodekey:" + "02".repeat(32) + "\",\"fromUnixMillis\":1,\"untilUnixMillis\":2}],"
            + "\"discoKey\":\"discokey:" + "03".repeat(32) + "\"," // of this process
            + "\"endpoints\":[\"192.0.2.1:41641\",\"[2001:db8:0:0:0:0:0:1]:41641\"]," // UDP
            + "\"homeRegion\":900}";
    private static final SignedNodeRecord SIGNED = new SignedNodeRecord("PAYLOAD", "SIGNATURE");
    private static final String SIGNED_JSON = "{\"payload\":\"PAYLOAD\",\"signature\":\"SIGNATURE\"}";
    private static final NodeRecord NODE = new NodeRecord(
            "a",
            SIGNED,
            List.of(ip("100.64.0.1"), ip("fd00::1")),
            List.of(IpPrefix.parse("100.64.0.1/32"), IpPrefix.parse("fd00::1/128")),
            List.of("t"),
            5,
            true,
            null);
    private static final String NODE_JSON = "{\"name\":\"a\",\"signed\":" + SIGNED_JSON + ","
            + "\"addresses\":[\"100.64.0.1\",\"fd00:0:0:0:0:0:0:1\"]," // IPv4 first
            + "\"allowedIps\":[\"100.64.0.1/32\",\"fd00:0:0:0:0:0:0:1/128\"],"
            + "\"tags\":[\"t\"],\"joinedUnixMillis\":5,\"online\":true}"; // lastSeenUnixMillis: null, left out
    private static final DerpMap RELAYS = DerpMap.of(List.of(RelaySpec.parse("900:lo=192.0.2.9:443,plaintext")));
    private static final String RELAYS_JSON = "{\"Regions\":{\"900\":{\"RegionID\":900,\"RegionCode\":\"lo\","
            + "\"RegionName\":\"lo\",\"Nodes\":[{\"Name\":\"900a\",\"RegionID\":900,\"HostName\":\"192.0.2.9\","
            + "\"IPv4\":\"192.0.2.9\",\"STUNPort\":-1,\"DERPPort\":443,\"Plaintext\":true}]}}}"; // Tailscale's form

    @Test
    void nodeStatement() {
        both(STATEMENT, STATEMENT_JSON);
    }

    @Test
    void signedNodeRecord() {
        SignedNodeRecord signed = SignedNodeRecord.sign(STATEMENT, IDENTITY);
        assertEquals(STATEMENT_JSON, signed.payload());
        // Ed25519 by the seed 01 01 ... 01 over "warren node record v1\n" and the payload
        assertEquals(
                "7GNJNhRNs7SEAxG20JHXmgFhn4aPf3y0PWSPwcYLWjLVBoEl7Ye+GbwmOhlMda8RQz8UWsWdEAe3xlZW8mzDBA==",
                signed.signature());
        both(SIGNED, SIGNED_JSON);
    }

    @Test
    void registerRequest() {
        both(
                new RegisterRequest(1, List.of("f"), "host", "warren 0.1.0", SIGNED, "id.secret"),
                "{\"version\":1,\"features\":[\"f\"],\"hostName\":\"host\",\"software\":\"warren 0.1.0\",\"record\":"
                        + SIGNED_JSON + ",\"token\":\"id.secret\"}");
    }

    @Test
    void registerAnswer() {
        both(
                new RegisterAnswer(1, List.of(), MESH, NODE, RELAYS),
                "{\"version\":1,\"features\":[],\"mesh\":\"" + MESH_TEXT + "\",\"self\":" + NODE_JSON + ",\"relays\":"
                        + RELAYS_JSON + "}");
    }

    @Test
    void updateRequest() {
        PathReport direct =
                new PathReport(NODE_KEY, PathKind.DIRECT, AddressText.parseEndpoint("192.0.2.1:5"), 0, 1500L);
        PathReport relayed = new PathReport(NODE_KEY, PathKind.RELAY, null, 900, null);
        both(
                new UpdateRequest(SIGNED, List.of(direct, relayed)),
                "{\"record\":" + SIGNED_JSON + ",\"paths\":[{\"peer\":\"nodekey:" + "02".repeat(32)
                        + "\",\"kind\":\"direct\",\"address\":\"192.0.2.1:5\",\"relayRegion\":0,\"latencyMicros\":1500},"
                        + "{\"peer\":\"nodekey:" + "02".repeat(32) + "\",\"kind\":\"relay\",\"relayRegion\":900}]}");
        both(new UpdateRequest(null, null), "{}");
        both(new UpdateAnswer(8), "{\"sequence\":8}");
    }

    @Test
    void fullFrame() {
        frame(
                new WatchFrame.Full(12, MESH, NODE, List.of(NODE), RELAYS),
                "{\"kind\":\"full\",\"revision\":12,\"mesh\":\"" + MESH_TEXT + "\",\"self\":" + NODE_JSON
                        + ",\"peers\":[" + NODE_JSON + "],\"relays\":" + RELAYS_JSON + "}");
    }

    @Test
    void deltaFrame() {
        Presence gone = new Presence(IDENTITY.publicKey(), false, 9L);
        frame(
                new WatchFrame.Delta(12, 13, List.of(NODE), List.of(IDENTITY.publicKey()), List.of(gone), RELAYS),
                "{\"kind\":\"delta\",\"from\":12,\"revision\":13,\"changed\":[" + NODE_JSON + "],\"removed\":[\""
                        + IDENTITY_TEXT + "\"],\"presence\":[{\"node\":\"" + IDENTITY_TEXT
                        + "\",\"online\":false,\"lastSeenUnixMillis\":9}],\"relays\":" + RELAYS_JSON + "}");
        frame(
                new WatchFrame.Delta(12, 13, List.of(), List.of(), List.of(), null),
                "{\"kind\":\"delta\",\"from\":12,\"revision\":13,\"changed\":[],\"removed\":[],\"presence\":[]}");
    }

    @Test
    void keepAliveFrame() {
        frame(new WatchFrame.KeepAlive(13), "{\"kind\":\"keep-alive\",\"revision\":13}");
    }

    @Test
    void verifyInDerpersForm() {
        both(
                new VerifyRequest(NODE_KEY, "192.0.2.1"),
                "{\"NodePublic\":\"nodekey:" + "02".repeat(32) + "\",\"Source\":\"192.0.2.1\"}");
        both(new VerifyAnswer(true), "{\"Allow\":true}");
    }

    @Test
    void nonceAndError() {
        both(new NonceAnswer("n", 5), "{\"nonce\":\"n\",\"nowUnixMillis\":5}");
        both(
                new ErrorAnswer(ErrorCode.STALE_SEQUENCE, "m", 7L),
                "{\"error\":\"stale-sequence\",\"message\":\"m\",\"sequence\":7}");
    }

    @Test
    void statusView() {
        StatusView.Node node = new StatusView.Node(
                "a", IDENTITY.publicKey(), List.of(ip("100.64.0.1")), List.of("t"), "s", true, 4L, 900, List.of("e"));
        StatusView.Side side = new StatusView.Side(PathKind.DIRECT, "192.0.2.1:5", 1500L, 6);
        StatusView.Pair pair = new StatusView.Pair("a", "b", PathKind.DIRECT, 1500L, side, null);
        both(
                new StatusView(
                        MESH,
                        3,
                        9,
                        List.of(node),
                        List.of(pair),
                        List.of(new StatusView.Relay(900, "lo", List.of("h:1")))),
                "{\"mesh\":\"" + MESH_TEXT + "\",\"revision\":3,\"nowUnixMillis\":9,\"nodes\":[{\"name\":\"a\","
                        + "\"identity\":\"" + IDENTITY_TEXT + "\",\"addresses\":[\"100.64.0.1\"],\"tags\":[\"t\"],"
                        + "\"software\":\"s\",\"online\":true,\"lastSeenUnixMillis\":4,\"homeRegion\":900,"
                        + "\"endpoints\":[\"e\"]}],\"pairs\":[{\"a\":\"a\",\"b\":\"b\",\"kind\":\"direct\","
                        + "\"latencyMicros\":1500,\"aToB\":{\"kind\":\"direct\",\"via\":\"192.0.2.1:5\","
                        + "\"latencyMicros\":1500,\"reportedUnixMillis\":6}}],"
                        + "\"relays\":[{\"region\":900,\"code\":\"lo\",\"hosts\":[\"h:1\"]}]}");
    }

    private static void frame(WatchFrame frame, String json) {
        both((Record) frame, json);
        assertEquals(frame, Json.decodeText(json, WatchFrame.class));
    }

    private static void both(Record message, String json) {
        assertEquals(json, Json.encodeText(message));
        assertEquals(message, Json.decodeText(json, message.getClass()));
    }

    private static InetAddress ip(String text) {
        return AddressText.parseIp(text);
    }
}
