package dev.warren.protocol.stun;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Who may ask a server that does not answer everybody (RFC 8489 section 9). Names, realm and passwords are taken as
 * they are: they have been prepared by OpaqueString (RFC 8265) when they have characters beyond ASCII.
 */
public sealed interface StunCredentials {
    /**
     * Names and passwords that both sides got some other way, and soon expire.
     *
     * @param passwords by user's name
     */
    record ShortTerm(Map<String, String> passwords) implements StunCredentials {
        /** Copies the map. */
        public ShortTerm {
            passwords = Map.copyOf(passwords);
        }

        /** Does not show the passwords. */
        @Override
        public String toString() {
            return "ShortTerm[" + passwords.keySet() + "]";
        }
    }

    /**
     * Names and passwords as for a log-in; the server names a realm and a nonce first.
     *
     * @param realm whose names these are; 1 to 128 bytes in UTF-8: it goes to everybody who asks without credentials
     * @param passwords by user's name
     * @param nonces against replay
     */
    record LongTerm(String realm, Map<String, String> passwords, StunNonces nonces) implements StunCredentials {
        private static final int MAX_REALM_LENGTH = 128;

        /** Copies the map; throws IllegalArgumentException when the realm is empty or too long. */
        public LongTerm {
            passwords = Map.copyOf(passwords);
            int length = realm.getBytes(StandardCharsets.UTF_8).length;
            if (length == 0 || length > MAX_REALM_LENGTH) {
                throw new IllegalArgumentException(
                        "a realm has 1 to " + MAX_REALM_LENGTH + " bytes; this one has " + length);
            }
        }

        /** Does not show the passwords. */
        @Override
        public String toString() {
            return "LongTerm[" + realm + ", " + passwords.keySet() + "]";
        }
    }
}
