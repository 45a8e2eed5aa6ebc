package dev.warren.relay.client;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.warren.protocol.crypto.NaclBox;
import dev.warren.protocol.derp.ClientInfo;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.FrameType;
import dev.warren.protocol.derp.LoginCodec;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.derp.ProtocolException;
import dev.warren.protocol.derp.ServerInfo;
import dev.warren.protocol.derp.ServerSession;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Seeds;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Hostile bytes for what a relay reads from a client, by the same two parts that a connection has: the splitter and the
 * session. Each method is fuzzed for some seconds by a run of its own in the build (see the pom), beginning with the inputs
 * that are kept in the resources; Netty is not instrumented.
 */
class ConnectionFuzzTest {
    private static final NodePrivateKey RELAY = NodePrivateKey.generate(Seeds.random(1));
    private static final NodePrivateKey CLIENT = NodePrivateKey.generate(Seeds.random(2));
    private static final byte[] LOGIN = FrameCodec.encode(LoginCodec.seal(
            ClientInfo.node(), CLIENT.publicKey(), NaclBox.between(CLIENT, RELAY.publicKey()), Seeds.random(3)));

    /** A connection that notes all that happens. */
    private static final class Connection implements FrameSplitter.Sink, ServerSession.Events {
        final List<Object> events = new ArrayList<>();
        final ServerSession session = new ServerSession(RELAY, Seeds.random(4), this);
        final FrameSplitter splitter = new FrameSplitter(this, UnpooledByteBufAllocator.DEFAULT);

        /** Gives it {@code bytes} in parts of {@code part} each; false when it broke the connection. */
        boolean take(byte[] bytes, int part) {
            try {
                for (int at = 0; at < bytes.length; at += part) {
                    ByteBuf in = Unpooled.copiedBuffer(bytes, at, Math.min(part, bytes.length - at));
                    splitter.read(in);
                    if (in.isReadable()) {
                        throw new AssertionError("bytes are left though nobody paused");
                    }
                    in.release();
                }
                return true;
            } catch (ProtocolException declared) {
                events.add(declared.reason());
                return false;
            } finally {
                splitter.close();
            }
        }

        @Override
        public boolean begin(int code, long length) {
            return session.begin(code, length);
        }

        @Override
        public boolean frame(ByteBuf buffer, int start, int length) {
            FrameType type = Objects.requireNonNull(FrameType.ofCode(buffer.getUnsignedByte(start)));
            int payload = length - Frame.HEADER_LENGTH;
            byte[] bytes = ByteBufUtil.getBytes(buffer, start + Frame.HEADER_LENGTH, payload);
            session.frame(type, bytes, 0, payload);
            return session.isOpen();
        }

        @Override
        public void handOn() {
            // Nothing is kept of a frame.
        }

        @Override
        public void transmit(Frame frame) {
            events.add(frame.type());
        }

        @Override
        public void login(NodePublicKey key, ClientInfo info) {
            events.add(info);
            session.admit(ServerInfo.unlimited());
        }

        @Override
        public void frame(Frame frame) {
            events.add(frame);
        }
    }

    /** The first byte says in which parts the others come; that must make no difference. */
    @FuzzTest(maxDuration = "5s")
    void framesTakeAnyStream(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] stream = Arrays.copyOfRange(input, 1, input.length);
        Connection whole = loggedIn();
        Connection cut = loggedIn();
        boolean survived = whole.take(stream, Math.max(1, stream.length));
        if (survived != cut.take(stream, 1 + (input[0] & 0xff)) || !whole.events.equals(cut.events)) {
            throw new AssertionError("cut: " + cut.events + " whole: " + whole.events);
        }
    }

    /** What is in the box of a login, and, with the box broken, any first bytes at all. */
    @FuzzTest(maxDuration = "5s")
    void loginTakesAnyBytes(byte[] input) {
        new Connection().take(input, Math.max(1, input.length));
        byte[] box = NaclBox.between(CLIENT, RELAY.publicKey()).seal(input, Seeds.random(5));
        Connection connection = new Connection();
        boolean let =
                connection.take(FrameCodec.encode(new Frame.ClientHello(CLIENT.publicKey(), Payload.of(box))), 1 << 20);
        if (let != connection.session.isOpen()) {
            throw new AssertionError("neither let in nor refused: " + connection.events);
        }
    }

    private static Connection loggedIn() {
        Connection connection = new Connection();
        if (!connection.take(LOGIN, LOGIN.length)) {
            throw new AssertionError("a good login is refused");
        }
        return connection;
    }
}
