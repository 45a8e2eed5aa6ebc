package dev.warren.protocol.disco;

import dev.warren.protocol.disco.DiscoMessage.AllocateRequest;
import dev.warren.protocol.disco.DiscoMessage.Binding;
import dev.warren.protocol.key.DiscoPublicKey;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** The payloads of the messages about UDP relays (derp.md section 9); {@link DiscoType} has their layouts. */
final class RelayBytes {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int KEY = DiscoPublicKey.LENGTH;
    private static final int BIND_KEY = 2 * Integer.BYTES;
    private static final int BIND_CHALLENGE = BIND_KEY + KEY;
    private static final int SESSION_LAMPORT = 3 * KEY;
    private static final int SESSION_VNI = SESSION_LAMPORT + Long.BYTES;
    private static final int SESSION_BIND = SESSION_VNI + Integer.BYTES;
    private static final int SESSION_STEADY = SESSION_BIND + Long.BYTES;

    private RelayBytes() {}

    static int readInt(byte[] source, int at) {
        return (int) INT.get(source, at);
    }

    static void writeInt(int value, byte[] target, int at) {
        INT.set(target, at, value);
    }

    static void writeBinding(Binding binding, Challenge challenge, byte[] target, int at) {
        INT.set(target, at, binding.vni());
        INT.set(target, at + Integer.BYTES, binding.generation());
        binding.remote().copyTo(target, at + BIND_KEY);
        challenge.copyTo(target, at + BIND_CHALLENGE);
    }

    static Binding readBinding(byte[] source, int at) {
        return new Binding(
                readInt(source, at), readInt(source, at + Integer.BYTES), DiscoPublicKey.of(source, at + BIND_KEY));
    }

    static Challenge readChallenge(byte[] source, int at) {
        return Challenge.of(source, at + BIND_CHALLENGE);
    }

    static void writeAllocate(AllocateRequest request, byte[] target, int at) {
        writePair(request.clients(), target, at);
        INT.set(target, at + 2 * KEY, request.generation());
    }

    static AllocateRequest readAllocate(byte[] source, int at) {
        return new AllocateRequest(readPair(source, at), readInt(source, at + 2 * KEY));
    }

    static int sessionLength(RelaySession session) {
        return DiscoType.SESSION_LENGTH + session.addresses().size() * DiscoType.ENDPOINT_LENGTH;
    }

    static void writeSession(RelaySession session, byte[] target, int at) {
        session.server().copyTo(target, at);
        writePair(session.clients(), target, at + KEY);
        LONG.set(target, at + SESSION_LAMPORT, session.lamportId());
        INT.set(target, at + SESSION_VNI, session.vni());
        LONG.set(target, at + SESSION_BIND, session.bindLifetimeNanos());
        LONG.set(target, at + SESSION_STEADY, session.steadyLifetimeNanos());
        EndpointBytes.write(session.addresses(), target, at + DiscoType.SESSION_LENGTH);
    }

    /** The session in the last {@code length} bytes of a message; null when they end within an address. */
    static @Nullable RelaySession readSession(byte[] source, int at, int length) {
        int addresses = length - DiscoType.SESSION_LENGTH;
        if (addresses % DiscoType.ENDPOINT_LENGTH != 0) {
            return null;
        }
        return new RelaySession(
                DiscoPublicKey.of(source, at),
                readPair(source, at + KEY),
                (long) LONG.get(source, at + SESSION_LAMPORT),
                readInt(source, at + SESSION_VNI),
                (long) LONG.get(source, at + SESSION_BIND),
                (long) LONG.get(source, at + SESSION_STEADY),
                EndpointBytes.readAll(source, at + DiscoType.SESSION_LENGTH, addresses));
    }

    private static void writePair(DiscoPair pair, byte[] target, int at) {
        pair.low().copyTo(target, at);
        pair.high().copyTo(target, at + KEY);
    }

    private static DiscoPair readPair(byte[] source, int at) {
        return new DiscoPair(DiscoPublicKey.of(source, at), DiscoPublicKey.of(source, at + KEY));
    }
}
