package dev.warren.loadtest.relay.wire;

import dev.warren.protocol.derp.ClientInfo;
import dev.warren.protocol.derp.ClientSession;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.HttpHead;
import dev.warren.protocol.derp.ProtocolException;
import dev.warren.protocol.derp.ServerInfo;
import dev.warren.protocol.derp.Upgrade;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * One connection's way in: HTTP upgrade, keys, login. Bytes are handed to the session frame by frame, so that those
 * behind the relay's answer stay untouched.
 */
final class Login implements ClientSession.Events {
    /** Takes bytes for the relay. */
    interface Transmit {
        void bytes(byte[] bytes);
    }

    /** An upper limit of the login's frames; those of a relay are a hundred bytes. */
    private static final int MAX_FRAME = 4096;

    private static final int TLS_ALERT = 0x15;
    private static final int BAD_REQUEST = 400;

    private final Target target;
    private final Transmit transmit;
    private final ClientSession session;
    private byte[] gathered = new byte[0];
    private boolean upgraded;
    private boolean done;

    /** Begins, and transmits the request at once. */
    Login(Target target, NodePrivateKey key, RandomGenerator random, Transmit transmit) {
        this.target = target;
        this.transmit = transmit;
        byte[] request = Upgrade.request(target.hostPort(), null);
        session = ClientSession.start(key, ClientInfo.node(), request, random, this);
    }

    /** Whether the relay has let the client in. */
    boolean isDone() {
        return done;
    }

    /** What came behind the relay's answer. */
    byte[] rest() {
        return gathered;
    }

    /** Takes the next bytes; throws {@link ProtocolException} when they are no relay's. */
    void receive(byte[] bytes) {
        gathered = Arrays.copyOf(gathered, gathered.length + bytes.length);
        System.arraycopy(bytes, 0, gathered, gathered.length - bytes.length, bytes.length);
        int length;
        while (!done && (length = upgraded ? frameLength() : headLength()) > 0) {
            byte[] first = gathered;
            gathered = Arrays.copyOfRange(gathered, length, gathered.length);
            hand(first, length);
        }
    }

    private void hand(byte[] bytes, int length) {
        if (!upgraded) {
            refuseEncrypted(bytes, length);
        }
        session.receive(bytes, 0, length);
        upgraded = true;
    }

    private void refuseEncrypted(byte[] bytes, int length) {
        if (!target.tls() && HttpHead.parse(bytes, 0, length).status() == BAD_REQUEST) {
            throw new ProtocolException(
                    ProtocolException.Reason.NOT_UPGRADED,
                    "it answered 400 to the upgrade: if it wants TLS, write https://, else there is no relay");
        }
    }

    private int headLength() {
        if (gathered.length > 0 && gathered[0] == TLS_ALERT) {
            throw new ProtocolException(
                    ProtocolException.Reason.BAD_HTTP, "it answered in TLS: write https:// for this target");
        }
        if (gathered.length > 0 && gathered[0] != 'H') {
            throw new ProtocolException(
                    ProtocolException.Reason.BAD_HTTP, "it does not answer in HTTP: there is no relay there");
        }
        int length = HttpHead.length(gathered, 0, gathered.length);
        if (length < 0 && gathered.length > HttpHead.MAX_LENGTH) {
            throw new ProtocolException(ProtocolException.Reason.BAD_HTTP, "its HTTP answer does not come to an end");
        }
        return length;
    }

    private int frameLength() {
        if (gathered.length < Frame.HEADER_LENGTH) {
            return -1;
        }
        int payload = ByteBuffer.wrap(gathered).getInt(1);
        if (payload < 0 || payload > MAX_FRAME) {
            throw new ProtocolException(
                    ProtocolException.Reason.FRAME_TOO_LONG, "its first frames are no relay's: one is too long");
        }
        int length = Frame.HEADER_LENGTH + payload;
        return gathered.length < length ? -1 : length;
    }

    @Override
    public void transmit(byte[] bytes) {
        transmit.bytes(bytes);
    }

    @Override
    public void connected(ServerInfo info) {
        done = true;
    }

    @Override
    public void packet(NodePublicKey source, byte[] buffer, int offset, int length) {
        // None comes before the relay's answer: the session would refuse it.
    }

    @Override
    public void frame(Frame frame) {
        // Other frames may come at any time; none of them matters here.
    }
}
