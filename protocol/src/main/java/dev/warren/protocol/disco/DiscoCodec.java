package dev.warren.protocol.disco;

import dev.warren.protocol.disco.DiscoMessage.AllocateRequest;
import dev.warren.protocol.disco.DiscoMessage.AllocateResponse;
import dev.warren.protocol.disco.DiscoMessage.BindAnswer;
import dev.warren.protocol.disco.DiscoMessage.BindChallenge;
import dev.warren.protocol.disco.DiscoMessage.BindRequest;
import dev.warren.protocol.disco.DiscoMessage.Binding;
import dev.warren.protocol.disco.DiscoMessage.CallMeMaybe;
import dev.warren.protocol.disco.DiscoMessage.CallMeMaybeVia;
import dev.warren.protocol.disco.DiscoMessage.Ping;
import dev.warren.protocol.disco.DiscoMessage.Pong;
import dev.warren.protocol.key.NodePublicKey;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The plaintext of disco messages: type, version 0, payload; integers big-endian (nat-traversal.md sections 1.1, 1.2).
 *
 * <p>What is tolerated: bytes behind a payload are ignored (a ping counts them as padding), but not behind a relay
 * session, where they must be whole addresses. The version byte is ignored, but for the messages about relay sessions
 * (types 7 to 9), which are not understood in another version, and for a call-me-maybe: one of another version, or whose
 * length is no multiple of 18, has no endpoints. A ping may lack the node key. Anything else (unknown type, payload too
 * short) is not understood.
 */
public final class DiscoCodec {
    private static final int HEADER_LENGTH = 2;
    private static final byte VERSION = 0;

    private DiscoCodec() {}

    /** Bytes that {@link #encode} writes for {@code message}. */
    public static int encodedLength(DiscoMessage message) {
        return HEADER_LENGTH
                + switch (message) {
                    case Ping ping -> TxId.LENGTH + (ping.node() == null ? 0 : NodePublicKey.LENGTH) + ping.padding();
                    case Pong _ -> DiscoType.PONG.minLength;
                    case CallMeMaybe(List<InetSocketAddress> endpoints) -> endpoints.size() * DiscoType.ENDPOINT_LENGTH;
                    case BindRequest _, BindChallenge _, BindAnswer _ -> DiscoType.BIND_LENGTH;
                    case CallMeMaybeVia(RelaySession session) -> RelayBytes.sessionLength(session);
                    case AllocateRequest _ -> DiscoType.ALLOCATE_REQUEST.minLength;
                    case AllocateResponse response -> Integer.BYTES + RelayBytes.sessionLength(response.session());
                };
    }

    /**
     * Writes {@code message} at {@code offset}, where {@link #encodedLength} bytes must be free; returns their
     * number.
     */
    public static int encode(DiscoMessage message, byte[] target, int offset) {
        int payload = offset + HEADER_LENGTH;
        target[offset + 1] = VERSION;
        DiscoType type =
                switch (message) {
                    case Ping ping -> {
                        writePing(ping, target, payload);
                        yield DiscoType.PING;
                    }
                    case Pong(TxId id, InetSocketAddress observed) -> {
                        id.copyTo(target, payload);
                        EndpointBytes.write(observed, target, payload + TxId.LENGTH);
                        yield DiscoType.PONG;
                    }
                    case CallMeMaybe(List<InetSocketAddress> endpoints) -> {
                        EndpointBytes.write(endpoints, target, payload);
                        yield DiscoType.CALL_ME_MAYBE;
                    }
                    case BindRequest(Binding binding) -> {
                        RelayBytes.writeBinding(binding, Challenge.NONE, target, payload);
                        yield DiscoType.BIND_REQUEST;
                    }
                    case BindChallenge(Binding binding, Challenge challenge) -> {
                        RelayBytes.writeBinding(binding, challenge, target, payload);
                        yield DiscoType.BIND_CHALLENGE;
                    }
                    case BindAnswer(Binding binding, Challenge challenge) -> {
                        RelayBytes.writeBinding(binding, challenge, target, payload);
                        yield DiscoType.BIND_ANSWER;
                    }
                    case CallMeMaybeVia(RelaySession session) -> {
                        RelayBytes.writeSession(session, target, payload);
                        yield DiscoType.CALL_ME_MAYBE_VIA;
                    }
                    case AllocateRequest request -> {
                        RelayBytes.writeAllocate(request, target, payload);
                        yield DiscoType.ALLOCATE_REQUEST;
                    }
                    case AllocateResponse(int generation, RelaySession session) -> {
                        RelayBytes.writeInt(generation, target, payload);
                        RelayBytes.writeSession(session, target, payload + Integer.BYTES);
                        yield DiscoType.ALLOCATE_RESPONSE;
                    }
                };
        target[offset] = (byte) type.code;
        return encodedLength(message);
    }

    /** The message in the {@code length} bytes at {@code offset}; null when they are not understood. */
    public static @Nullable DiscoMessage decode(byte[] source, int offset, int length) {
        int payload = offset + HEADER_LENGTH;
        int size = length - HEADER_LENGTH;
        DiscoType type = size < 0 ? null : DiscoType.of(source[offset]);
        if (type == null || size < type.minLength) {
            return null;
        }
        boolean ours = source[offset + 1] == VERSION;
        return switch (type) {
            case PING -> readPing(source, payload, size);
            case PONG -> new Pong(TxId.of(source, payload), EndpointBytes.read(source, payload + TxId.LENGTH));
            case CALL_ME_MAYBE -> readCallMeMaybe(source, payload, ours ? size : 0);
            case BIND_REQUEST -> new BindRequest(RelayBytes.readBinding(source, payload));
            case BIND_CHALLENGE ->
                new BindChallenge(RelayBytes.readBinding(source, payload), RelayBytes.readChallenge(source, payload));
            case BIND_ANSWER ->
                new BindAnswer(RelayBytes.readBinding(source, payload), RelayBytes.readChallenge(source, payload));
            case CALL_ME_MAYBE_VIA -> ours ? readCallMeMaybeVia(source, payload, size) : null;
            case ALLOCATE_REQUEST -> ours ? RelayBytes.readAllocate(source, payload) : null;
            case ALLOCATE_RESPONSE -> ours ? readAllocateResponse(source, payload, size) : null;
        };
    }

    private static void writePing(Ping ping, byte[] target, int payload) {
        ping.id().copyTo(target, payload);
        int end = payload + TxId.LENGTH;
        NodePublicKey node = ping.node();
        if (node != null) {
            node.copyTo(target, end);
            end += NodePublicKey.LENGTH;
        }
        Arrays.fill(target, end, end + ping.padding(), (byte) 0);
    }

    private static Ping readPing(byte[] source, int payload, int size) {
        TxId id = TxId.of(source, payload);
        int rest = size - TxId.LENGTH;
        if (rest >= NodePublicKey.LENGTH) {
            NodePublicKey node = NodePublicKey.of(source, payload + TxId.LENGTH);
            if (!node.isZero()) {
                return new Ping(id, node, rest - NodePublicKey.LENGTH);
            }
        }
        return new Ping(id, null, rest);
    }

    private static CallMeMaybe readCallMeMaybe(byte[] source, int payload, int size) {
        boolean whole = size % DiscoType.ENDPOINT_LENGTH == 0;
        return new CallMeMaybe(EndpointBytes.readAll(source, payload, whole ? size : 0));
    }

    private static @Nullable CallMeMaybeVia readCallMeMaybeVia(byte[] source, int payload, int size) {
        RelaySession session = RelayBytes.readSession(source, payload, size);
        return session == null ? null : new CallMeMaybeVia(session);
    }

    private static @Nullable AllocateResponse readAllocateResponse(byte[] source, int payload, int size) {
        RelaySession session = RelayBytes.readSession(source, payload + Integer.BYTES, size - Integer.BYTES);
        return session == null ? null : new AllocateResponse(RelayBytes.readInt(source, payload), session);
    }
}
