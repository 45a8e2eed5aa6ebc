package dev.warren.loadtest.compare;

import java.util.Optional;

/**
 * How a server shows that it is up: it accepts a TCP connection, or it answers a STUN request, or, where it cannot be
 * reached from here, it listens.
 *
 * @param ownNetwork whether the server is in a network of its own
 */
record Readiness(Kind kind, String port, boolean ownNetwork) {
    enum Kind {
        TCP("tcp"),
        UDP_STUN("udp-stun");

        private final String word;

        Kind(String word) {
            this.word = word;
        }
    }

    Readiness(Kind kind, String port) {
        this(kind, port, false);
    }

    /** The same with another port. */
    Readiness at(String filled) {
        return new Readiness(kind, filled, ownNetwork);
    }

    /** The same for a server that has a network of its own. */
    Readiness inOwnNetwork() {
        return new Readiness(kind, port, true);
    }

    /** Reads {@code tcp PORT} or {@code udp-stun PORT}, where the port is a number or a placeholder. */
    static Optional<Readiness> parse(String text) {
        String[] words = text.strip().split("\\s+", -1);
        for (Kind kind : Kind.values()) {
            if (words.length == 2 && words[0].equals(kind.word)) {
                return Optional.of(new Readiness(kind, words[1]));
            }
        }
        return Optional.empty();
    }
}
