package dev.warren.protocol.udprelay;

import dev.warren.protocol.crypto.NaclBox;
import dev.warren.protocol.key.DiscoPublicKey;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** One client's end of a session. */
final class Leg {
    /** A client asks at each of the relay's addresses at once, and again a few times. */
    private static final int BIND_BURST = 32;

    private static final int BINDS_PER_SECOND = 4;

    final DiscoPublicKey key;
    /** What asks for challenges, which go to addresses that nobody has proven: few of them, whoever asks. */
    final TokenBucket binds = new TokenBucket(BINDS_PER_SECOND, BIND_BURST);
    /** Made at the first bind: it costs a multiplication on the curve. */
    @Nullable
    NaclBox box;
    /** Where the client has proven to be; null until then. */
    @Nullable
    InetSocketAddress address;
    /** Counts the moves to another address, so that an answer given before one is worth nothing after it. */
    int moves;

    long lastSeenNanos;

    Leg(DiscoPublicKey key) {
        this.key = key;
    }

    /** Null: nowhere any more. */
    void moveTo(@Nullable InetSocketAddress other) {
        address = other;
        moves++;
    }
}
