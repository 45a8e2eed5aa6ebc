package dev.warren.protocol.derp;

import static dev.warren.protocol.derp.DerpSamples.CLIENT;
import static dev.warren.protocol.derp.DerpSamples.CLIENT_HEX;
import static dev.warren.protocol.derp.DerpSamples.CLIENT_PRIVATE;
import static dev.warren.protocol.derp.DerpSamples.NONCE;
import static dev.warren.protocol.derp.DerpSamples.NONCE_HEX;
import static dev.warren.protocol.derp.DerpSamples.SERVER;
import static dev.warren.protocol.derp.DerpSamples.SERVER_PRIVATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.warren.protocol.crypto.NaclBox;
import dev.warren.protocol.key.MeshKey;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The vectors were checked with libsodium and against Tailscale v1.102.5. */
@Timeout(30)
class LoginCodecTest {
    private static final NaclBox PAIR = NaclBox.between(CLIENT_PRIVATE, SERVER);
    private static final String MESH = "ab".repeat(32);

    @Test
    void shouldSealTheClientsVector() {
        Frame.ClientHello hello = LoginCodec.seal(ClientInfo.node(), CLIENT, PAIR, NONCE);
        String golden = Hex.text(Hex.bytes(
                "02 00000068", // type, length 104
                CLIENT_HEX,
                NONCE_HEX,
                // tag and ciphertext of {"version":2,"CanAckPings":true}
                "a858a062bb55fbd0e565bf952225b5e2",
                "20ae6ff32ce093a7548f0f9efd7331db8b94711fe4546f1ed0d738121d94abe3"));
        assertEquals(golden, Hex.text(FrameCodec.encode(hello)));
        assertEquals(ClientInfo.node(), LoginCodec.open(hello, NaclBox.between(SERVER_PRIVATE, CLIENT)));
    }

    @Test
    void shouldSealTheServersVector() {
        Frame.ServerHello hello =
                LoginCodec.seal(ServerInfo.unlimited(), NaclBox.between(SERVER_PRIVATE, CLIENT), NONCE);
        String golden = Hex.text(Hex.bytes(
                "03 00000035", // type, length 53
                NONCE_HEX,
                // tag and ciphertext of {"version":2}
                "a9f96672359ffb53a9a765041e0e8958",
                "20ae6ff32ce093a7548f0f9eac"));
        assertEquals(golden, Hex.text(FrameCodec.encode(hello)));
        assertEquals(ServerInfo.unlimited(), LoginCodec.open(hello, PAIR));
    }

    @Test
    void shouldWriteTheFieldsInGosOrder() {
        ClientInfo full = new ClientInfo(MeshKey.parse(MESH), 2, false, true, "demo");
        assertEquals(
                "{\"meshKey\":\"" + MESH
                        + "\",\"version\":2,\"CanAckPings\":false,\"IsProber\":true,\"AppName\":\"demo\"}",
                new String(LoginCodec.encode(full), StandardCharsets.UTF_8));
        assertEquals(
                "{\"version\":2,\"TokenBucketBytesPerSecond\":5,\"TokenBucketBytesBurst\":9}",
                new String(LoginCodec.encode(new ServerInfo(2, 5, 9)), StandardCharsets.UTF_8));
        assertEquals("{}", new String(LoginCodec.encode(new ServerInfo(0, 0, 0)), StandardCharsets.UTF_8));
    }

    @Test
    void shouldReadBackWhatItWrites() {
        Seeds.forEach(100, random -> {
            ClientInfo info = new ClientInfo(
                    random.nextBoolean() ? MeshKey.generate(random) : null,
                    random.nextInt(5),
                    random.nextBoolean(),
                    random.nextBoolean(),
                    random.nextBoolean() ? "" : "app" + random.nextInt());
            assertEquals(info, LoginCodec.decodeClientInfo(LoginCodec.encode(info)));
            ServerInfo server = new ServerInfo(random.nextInt(), random.nextInt(), random.nextInt());
            assertEquals(server, LoginCodec.decodeServerInfo(LoginCodec.encode(server)));
        });
    }

    @Test
    void shouldReadJsonAsGoDoes() {
        // tailscale derp_test.go TestClientInfoUnmarshal, and what encoding/json does besides.
        assertEquals(new ClientInfo(null, 2, false, false, ""), client("{\"Version\":2}"));
        assertEquals(
                MeshKey.parse(MESH), client("{\"MeshKey\":\"" + MESH + "\"}").meshKey());
        assertEquals(
                7, client("{\"version\":1,\"VERSION\":7,\"later\":{\"a\":[1]}}").version());
        assertEquals(
                new ClientInfo(null, 0, false, false, ""),
                client("{\"version\":null,\"CanAckPings\":null,\"IsProber\":null,\"AppName\":null}"));
        assertEquals(Integer.MAX_VALUE, client("{\"version\":9999999999}").version());
        assertNull(client("{}").meshKey());
        assertEquals(new ClientInfo(null, 0, false, false, ""), client("null"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "7",
                "{\"meshKey\":\"\"}",
                "{\"meshKey\":null}",
                "{\"meshKey\":\"abcd\"}",
                "{\"meshKey\":5}",
                "{\"version\":\"2\"}",
                "{\"version\":2.5}",
                "{\"version\":99999999999999999999}",
                "{\"CanAckPings\":1}",
                "{\"IsProber\":\"true\"}",
                "{\"AppName\":7}",
                "{}{}",
                "{} x",
                "null null",
            })
    void shouldRefuseWhatIsNoLogin(String json) {
        assertEquals(ProtocolException.Reason.BAD_JSON, FrameCodecTest.reasonOf(() -> client(json)));
    }

    /** Found by fuzzing: the first bytes of a frame look like UTF-32 to the JSON reader. */
    @Test
    void regressionBytesThatLookLikeUtf32() {
        byte[] utf32 = Hex.bytes("02000068 0f1c2d3e");
        assertEquals(
                ProtocolException.Reason.BAD_JSON, FrameCodecTest.reasonOf(() -> LoginCodec.decodeClientInfo(utf32)));
        assertEquals(
                ProtocolException.Reason.BAD_JSON, FrameCodecTest.reasonOf(() -> LoginCodec.decodeServerInfo(utf32)));
    }

    @Test
    void shouldNotOpenWhatSomebodyElseSealed() {
        Frame.ClientHello hello = LoginCodec.seal(ClientInfo.node(), CLIENT, PAIR, NONCE);
        Frame.ClientHello claimed = new Frame.ClientHello(SERVER, hello.box());
        assertEquals(
                ProtocolException.Reason.BAD_BOX,
                FrameCodecTest.reasonOf(
                        () -> LoginCodec.open(claimed, NaclBox.between(SERVER_PRIVATE, claimed.key()))));
        Frame.ClientHello empty = new Frame.ClientHello(CLIENT, Payload.EMPTY);
        assertEquals(
                ProtocolException.Reason.BAD_BOX,
                FrameCodecTest.reasonOf(() -> LoginCodec.open(empty, NaclBox.between(SERVER_PRIVATE, CLIENT))));
    }

    @Test
    void shouldNeverShowTheMeshKey() {
        assertFalse(new ClientInfo(MeshKey.parse(MESH), 2, false, false, "")
                .toString()
                .contains("abab"));
    }

    private static ClientInfo client(String json) {
        return LoginCodec.decodeClientInfo(json.getBytes(StandardCharsets.UTF_8));
    }
}
