package dev.warren.protocol.derp;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Seeds;
import org.junit.jupiter.api.Timeout;

/** Hostile bytes for every reader of the package; only the one declared error may come out. */
@Timeout(30)
class DerpFuzzTest {
    private static final ClientSession.Events DEAF_CLIENT = new ClientSession.Events() {
        @Override
        public void transmit(byte[] bytes) {}

        @Override
        public void connected(ServerInfo info) {}

        @Override
        public void packet(NodePublicKey source, byte[] buffer, int offset, int length) {}

        @Override
        public void frame(Frame frame) {}
    };

    private static final ServerSession.Events DEAF_SERVER = new ServerSession.Events() {
        @Override
        public void transmit(Frame frame) {}

        @Override
        public void login(NodePublicKey key, ClientInfo info) {}

        @Override
        public void frame(Frame frame) {}
    };

    @FuzzTest(maxDuration = "5s")
    void decoderTakesAnyBytes(byte[] bytes) {
        try {
            Frame frame = FrameCodec.decode(bytes, 0, bytes.length);
            if (FrameCodec.encode(frame).length != FrameCodec.encodedLength(frame)) {
                throw new AssertionError("the length of " + frame + " is not the one foretold");
            }
        } catch (ProtocolException declared) {
            // Weather.
        }
    }

    @FuzzTest(maxDuration = "5s")
    void sessionsTakeAnyStream(FuzzedDataProvider data) {
        boolean fast = data.consumeBoolean();
        int cut = data.consumeInt(1, 64);
        byte[] bytes = data.consumeRemainingAsBytes();
        ClientSession client = fast
                ? ClientSession.startFast(
                        DerpSamples.CLIENT_PRIVATE,
                        ClientInfo.node(),
                        Upgrade.fastRequest("h"),
                        DerpSamples.SERVER,
                        Seeds.random(1),
                        DEAF_CLIENT)
                : ClientSession.start(
                        DerpSamples.CLIENT_PRIVATE,
                        ClientInfo.node(),
                        Upgrade.request("h", null),
                        Seeds.random(1),
                        DEAF_CLIENT);
        FrameReader server =
                new FrameReader(new ServerSession(DerpSamples.SERVER_PRIVATE, Seeds.random(2), DEAF_SERVER));
        try {
            for (int at = 0; at < bytes.length; at += cut) {
                client.receive(bytes, at, Math.min(cut, bytes.length - at));
            }
        } catch (ProtocolException declared) {
            // Weather.
        }
        try {
            server.receive(bytes, 0, bytes.length);
        } catch (ProtocolException declared) {
            // Weather.
        }
    }

    @FuzzTest(maxDuration = "5s")
    void loginTakesAnyJson(byte[] json) {
        try {
            LoginCodec.decodeClientInfo(json);
        } catch (ProtocolException declared) {
            // Weather.
        }
    }
}
