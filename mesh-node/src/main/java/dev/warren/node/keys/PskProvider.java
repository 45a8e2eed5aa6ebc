package dev.warren.node.keys;

import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/**
 * Where the preshared keys of a pair of peers come from: a hook, for a key exchange that is safe from quantum computers,
 * as Rosenpass has, for keys that were carried from one end to the other, or for {@link #derivedFrom a common secret}.
 * The providers of both ends have to give the same key for the same epoch.
 */
@FunctionalInterface
public interface PskProvider {
    /**
     * Which key is asked for.
     *
     * @param own this end's static public key now; while that is being changed, the two ends may see different ones
     * @param peer the peer's
     * @param epoch the number of the epoch in the schedule, the same at both ends
     * @param from when the epoch begins
     */
    record Request(NodePublicKey own, NodePublicKey peer, long epoch, Instant from) {}

    /**
     * The key for an epoch; empty when there is none yet, and then it is asked for again. Asked for early, as soon as the
     * epoch before has settled; may be asked for more than once. Called on a thread of the peer's own, which it may block.
     * The caller closes the key. An exception is logged, and then it is asked for again.
     */
    Optional<PresharedKey> presharedKey(Request request) throws IOException;

    /**
     * Keys that both ends derive from a secret that both have, without a word between them. Who learns one of the keys
     * learns none of the others; who learns {@code root} learns all. A copy of it is kept until the process ends.
     */
    static PskProvider derivedFrom(PresharedKey root) {
        DerivedPresharedKeys derived = new DerivedPresharedKeys(root);
        return request -> Optional.of(derived.key(request.from()));
    }

    /**
     * The same keys, each kept in a file from when it was given out, with the one before it: after a restart they are
     * there without being agreed on anew. For providers that can't give a key twice.
     */
    default PskProvider keptIn(KeyGenerations<PresharedKey> kept) {
        return request -> {
            Optional<KeyGenerations.Generation> known = kept.list().stream()
                    .filter(generation -> generation.from().equals(request.from()))
                    .findFirst();
            if (known.isPresent()) {
                return Optional.of(kept.load(known.get()));
            }
            Optional<PresharedKey> fresh = presharedKey(request);
            if (fresh.isPresent()) {
                kept.store(request.from(), fresh.get());
                kept.keepNewest(2);
            }
            return fresh;
        };
    }
}
