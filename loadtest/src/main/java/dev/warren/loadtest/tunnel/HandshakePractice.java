package dev.warren.loadtest.tunnel;

import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Handshakes that nobody counts: this process has compiled its own part of them before it measures any, a daemon is warm
 * after them, and whoever trains a daemon's JVM by a warm-up has handshakes in it.
 */
final class HandshakePractice {
    /** No peer may start more than 50 a second. */
    private static final int PEERS = 16;

    private static final int TURNS = 25;

    private HandshakePractice() {}

    /** Has 16 peers at {@code from} shake hands with the daemon at {@code to} 25 times each, and takes them away again. */
    static void run(End from, End to, NodePublicKey responder, String implementation, RandomGenerator random)
            throws IOException {
        try (Initiators peers = Initiators.open(PEERS, from, to, responder, implementation, random)) {
            to.add(PeerText.morePeers().peers(peers.publicKeys()).toString());
            for (int turn = 0; turn < TURNS; turn++) {
                peers.again();
            }
            List<String> removal = new ArrayList<>(List.of("wg", "set", to.interfaceName()));
            peers.publicKeys().forEach(key -> removal.addAll(List.of("peer", key.base64(), "remove")));
            to.run(removal.toArray(String[]::new));
        }
    }
}
