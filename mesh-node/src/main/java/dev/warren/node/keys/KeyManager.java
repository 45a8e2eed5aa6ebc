package dev.warren.node.keys;

import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.PassphraseCost;
import dev.warren.protocol.key.PresharedKey;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps secret keys under names, in a folder: {@code ID.key} for private keys, {@code ID.psk} for preshared ones. A file
 * has mode 0600, appears whole or not at all, and is refused when others could have read or changed it. What systemd
 * hands to a service as the credential {@code ID} goes before the folder's file. A key may be sealed with a passphrase
 * ({@link dev.warren.protocol.key.SealedKey}).
 *
 * <pre>{@code
 * KeyManager keys = new KeyManager(KeyManager.Settings.of(folder));
 * try (NodePrivateKey key = keys.privateKeys().loadOrGenerate(new KeyId("wg0"))) {
 *     System.out.println(key.publicKey().base64());
 * }
 * }</pre>
 *
 * <p>What passes through it is wiped, but the copies that the JVM's collector makes while it moves objects are beyond
 * its reach.
 */
public final class KeyManager {
    /**
     * Where keys are kept, and how sealed ones are opened.
     *
     * @param folder of the key files; made, for its owner alone, when the first key is stored
     * @param credentials systemd's folder of this service's credentials, or null
     * @param passphrases whom to ask for passphrases
     * @param cost of trying a passphrase on a key that is sealed from now on
     * @param random where new keys and salts come from
     */
    public record Settings(
            Path folder,
            @Nullable Path credentials,
            PassphraseSource passphrases,
            PassphraseCost cost,
            RandomGenerator random) {
        /** What systemd calls the folder of a service's credentials. */
        private static final String CREDENTIALS_DIRECTORY = "CREDENTIALS_DIRECTORY";

        /** A folder alone, without credentials and passphrases. */
        public static Settings of(Path folder) {
            return new Settings(folder, null, PassphraseSource.none(), PassphraseCost.USUAL, new SecureRandom());
        }

        /** A folder, the credentials that {@code environment} names, and whom to ask for passphrases. */
        public static Settings of(Path folder, Map<String, String> environment, PassphraseSource passphrases) {
            String credentials = environment.get(CREDENTIALS_DIRECTORY);
            return new Settings(
                    folder,
                    credentials == null || credentials.isEmpty() ? null : Path.of(credentials),
                    passphrases,
                    PassphraseCost.USUAL,
                    new SecureRandom());
        }
    }

    private final StoredKeys<NodePrivateKey> privateKeys;
    private final StoredKeys<PresharedKey> presharedKeys;
    private final StoredKeys<IdentityPrivateKey> identityKeys;

    /** The keys in that place; nothing is read or made yet. */
    public KeyManager(Settings settings) {
        this.privateKeys = new StoredKeys<>(KeyType.PRIVATE, settings);
        this.presharedKeys = new StoredKeys<>(KeyType.PRESHARED, settings);
        this.identityKeys = new StoredKeys<>(KeyType.IDENTITY, settings);
    }

    /** WireGuard private keys, as {@code ID.key}. */
    public StoredKeys<NodePrivateKey> privateKeys() {
        return privateKeys;
    }

    /** WireGuard preshared keys, as {@code ID.psk}. */
    public StoredKeys<PresharedKey> presharedKeys() {
        return presharedKeys;
    }

    /** The WireGuard private keys that an interface uses one after the other; new ones are written as they are. */
    public KeyGenerations<NodePrivateKey> privateKeyGenerations(KeyId id) {
        return privateKeyGenerations(id, StoredKeys.Protection.PLAIN);
    }

    /** The same with another protection of new ones: a passphrase is asked for at every change then. */
    public KeyGenerations<NodePrivateKey> privateKeyGenerations(KeyId id, StoredKeys.Protection protection) {
        return new KeyGenerations<>(privateKeys, id, protection);
    }

    /** The preshared keys that are used with a peer one after the other. */
    public KeyGenerations<PresharedKey> presharedKeyGenerations(KeyId id) {
        return new KeyGenerations<>(presharedKeys, id, StoredKeys.Protection.PLAIN);
    }

    /** Ed25519 keys that say who a node is, as {@code ID.key}, which they share with the private keys. */
    public StoredKeys<IdentityPrivateKey> identityKeys() {
        return identityKeys;
    }
}
