package dev.warren.relay.client;

import dev.warren.protocol.key.MeshKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.relay.admission.Admission;
import dev.warren.relay.limit.LiveLimits;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What all connections of one relay share.
 *
 * @param key the relay's own key
 * @param random for nonces and for spreading keep-alives; safe for use by several threads
 * @param timing how long the relay waits for what
 * @param limits how much a client may take
 * @param meshKey what the relays of the region know each other by
 * @param own what takes packets to the relay itself, null for nothing
 */
public record RelayContext(
        NodePrivateKey key,
        Admission admission,
        ClientRegistry clients,
        RelayMetrics metrics,
        RandomGenerator random,
        Timing timing,
        LiveLimits limits,
        RegionKey meshKey,
        @Nullable OwnPackets own) {
    /** Ends what works for the relay beside its connections. */
    public void close() {
        admission.close();
        if (own != null) {
            own.close();
        }
    }

    /** Whether a client that says {@code claimed} is another relay of the region. In constant time. */
    boolean isMeshPeer(@Nullable MeshKey claimed) {
        return meshKey.matches(claimed);
    }

    /**
     * How long the relay waits for what.
     *
     * @param loginMillis from the TCP connection to the end of the login
     * @param stalledWriteMillis how long a connection may take no bytes while some wait
     * @param keepAliveMillis between two keep-alives, to which up to a twelfth is added
     * @param vanishedMillis how long what was sent may stay unacknowledged until the client counts as gone
     * @param drainMillis how long clients have to move on when the relay stops
     */
    public record Timing(
            int loginMillis, int stalledWriteMillis, int keepAliveMillis, int vanishedMillis, int drainMillis) {
        /** derper's too. With a keep-alive each minute, nobody who has vanished stays for longer than 80 s. */
        private static final int VANISHED_MILLIS = 15_000;

        /** Under the ten seconds that containers have as a rule until they are killed. */
        private static final int DRAIN_MILLIS = 8_000;

        /** As long as usual until a client counts as gone, and to move on. */
        public Timing(int loginMillis, int stalledWriteMillis, int keepAliveMillis) {
            this(loginMillis, stalledWriteMillis, keepAliveMillis, VANISHED_MILLIS, DRAIN_MILLIS);
        }

        /** The same with another time for clients to move on. */
        public Timing withDrainMillis(int millis) {
            return new Timing(loginMillis, stalledWriteMillis, keepAliveMillis, vanishedMillis, millis);
        }

        /**
         * Ten seconds for a login and about a minute between keep-alives are derper's. A stalled write has ten seconds
         * where derper has two: nobody waits for it here, and a telephone on the train is not cut off.
         */
        public static final Timing DEFAULT = new Timing(10_000, 10_000, 60_000);

        /** The period of one connection's keep-alives: the same for its life, and another one than its neighbours'. */
        long keepAlivePeriod(RandomGenerator random) {
            return keepAliveMillis + random.nextLong(keepAliveMillis / 12 + 1);
        }
    }
}
