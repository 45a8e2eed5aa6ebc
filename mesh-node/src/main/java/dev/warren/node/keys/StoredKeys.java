package dev.warren.node.keys;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.SealedKey;
import dev.warren.protocol.key.SealedKeyException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The kept keys of one kind; see {@link KeyManager}. Every key given out is the caller's, who closes it. All methods
 * throw {@link UserError} with one sentence for what its user can put right: no such key, a file that others may read,
 * a damaged file, a wrong passphrase. May be used by several threads; of two that write the same key at once, one wins.
 *
 * @param <K> the class of the keys
 */
public final class StoredKeys<K extends AutoCloseable> {
    private final KeyType<K> type;
    private final KeyManager.Settings settings;

    StoredKeys(KeyType<K> type, KeyManager.Settings settings) {
        this.type = type;
        this.settings = settings;
    }

    /** How a key is written. */
    public enum Protection {
        /** As it is, in base64: readable by whoever can read the file, and by {@code wg}. */
        PLAIN,
        /** Sealed with a passphrase, which is asked for. */
        PASSPHRASE
    }

    /** Whether there is a key of this name, in the folder or as a credential. */
    public boolean exists(KeyId id) {
        return file(id).isThere() || credential(id).map(KeyFile::isThere).orElse(false);
    }

    /** The key; a credential goes before a file. Asks for the passphrase when it is sealed. */
    public K load(KeyId id) throws IOException {
        Found found = found(id);
        try {
            return key(id, found);
        } finally {
            found.wipe();
        }
    }

    /** The key, made and stored as it is when there is none of this name. */
    public K loadOrGenerate(KeyId id) throws IOException {
        if (!exists(id)) {
            K made = type.generate(settings.random());
            byte[] content = type.content(made);
            boolean isFirst = file(id).create(content);
            Arrays.fill(content, (byte) 0);
            if (isFirst) {
                return made;
            }
            close(made);
        }
        return load(id);
    }

    /** Makes a key and stores it under a name that is not taken. */
    public K generate(KeyId id, Protection protection) throws IOException {
        K made = type.generate(settings.random());
        try {
            store(id, made, protection);
        } catch (IOException | RuntimeException failed) {
            close(made);
            throw failed;
        }
        return made;
    }

    /** Stores a key under a name that is not taken. */
    public void store(KeyId id, K key, Protection protection) throws IOException {
        if (exists(id)) {
            throw taken(id);
        }
        byte[] content = content(id, key, protection);
        boolean stored = file(id).create(content);
        Arrays.fill(content, (byte) 0);
        if (!stored) {
            throw taken(id);
        }
    }

    /** Stores a key in place of the one of this name; a reader sees the one or the other, whole. */
    public void replace(KeyId id, K key, Protection protection) throws IOException {
        refuseCredential(id);
        byte[] content = content(id, key, protection);
        file(id).replace(content);
        Arrays.fill(content, (byte) 0);
    }

    /**
     * A key from a text that came from elsewhere: base64 as {@code wg} writes it, or {@code privkey:} and hex. Throws
     * {@link UserError} with what is wrong, never with the text; {@code from} says whose text it is.
     */
    public K parse(byte[] text, String from) {
        try {
            return type.parse(text);
        } catch (IllegalArgumentException wrong) {
            throw new UserError(from + " is no " + type.noun() + ": " + wrong.getMessage());
        }
    }

    /** Writes the same key with another protection, under a new salt if it is sealed. */
    public void protect(KeyId id, Protection protection) throws IOException {
        refuseCredential(id);
        K key = load(id);
        try {
            replace(id, key, protection);
        } finally {
            close(key);
        }
    }

    /** Deletes the file with the key; false when there is none. */
    public boolean delete(KeyId id) throws IOException {
        refuseCredential(id);
        return file(id).delete();
    }

    /** Throws a UserError when no key can be kept in the folder, which is made when it is not there. */
    void requirePlace(KeyId id) throws IOException {
        file(id).requirePlace();
    }

    /** What can be told of this key without a passphrase. Unlike the others it describes what is wrong with a file. */
    public StoredKey describe(KeyId id) throws IOException {
        StoredKey.Place place = credential(id).map(KeyFile::isThere).orElse(false)
                ? StoredKey.Place.CREDENTIAL
                : StoredKey.Place.FOLDER;
        boolean isSealed = false;
        try {
            Found found = found(id);
            isSealed = found.isSealed();
            return new StoredKey(id, type.kind(), place, isSealed, publicText(id, found), "");
        } catch (UserError wrong) {
            return new StoredKey(id, type.kind(), place, isSealed, "", String.valueOf(wrong.getMessage()));
        }
    }

    /** When the key's file was written. */
    Instant storedAt(KeyId id) throws IOException {
        refuseCredential(id);
        try {
            return Files.getLastModifiedTime(settings.folder().resolve(id.text() + type.suffix()))
                    .toInstant();
        } catch (NoSuchFileException absent) {
            throw new UserError("there is no " + type.noun() + " \"" + id + "\" in " + settings.folder(), absent);
        }
    }

    /** All keys of this kind in the folder, sorted by name, with those that can't be used. */
    public List<StoredKey> list() throws IOException {
        List<StoredKey> all = new ArrayList<>();
        for (KeyId id : ids()) {
            if (!holdsAnotherKind(file(id))) {
                all.add(describe(id));
            }
        }
        return List.copyOf(all);
    }

    /** The names in the folder, sorted, of keys of this kind or of one whose files have the same suffix. */
    Set<KeyId> ids() throws IOException {
        TreeSet<KeyId> ids = new TreeSet<>();
        KeyFile.requireFolder(settings.folder());
        if (Files.isDirectory(settings.folder())) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(settings.folder(), "*" + type.suffix())) {
                for (Path file : files) {
                    String name = String.valueOf(file.getFileName());
                    String id = name.substring(0, name.length() - type.suffix().length());
                    if (KeyId.isValid(id)) {
                        ids.add(new KeyId(id));
                    }
                }
            }
        }
        return ids;
    }

    /** Private and identity keys share a suffix, so the content says which it is; in doubt it is ours. */
    private boolean holdsAnotherKind(KeyFile file) throws IOException {
        try {
            byte[] content = file.read();
            if (content == null) {
                return false;
            }
            Found found = new Found(file, content);
            try {
                return found.isSealed()
                        ? SealedKey.parse(found.text()).kind() != type.kind()
                        : type.isOfAnotherKind(content);
            } finally {
                found.wipe();
            }
        } catch (UserError | SealedKeyException unreadable) {
            return false;
        }
    }

    private String publicText(KeyId id, Found found) throws IOException {
        if (found.isSealed()) {
            return sealed(found).publicText();
        }
        try {
            K key = key(id, found);
            try {
                return type.publicText().apply(key);
            } finally {
                close(key);
            }
        } finally {
            found.wipe();
        }
    }

    private K key(KeyId id, Found found) throws IOException {
        if (found.isSealed()) {
            return unseal(id, found);
        }
        try {
            return type.parse(found.content());
        } catch (IllegalArgumentException wrong) {
            throw damaged(found.file(), String.valueOf(wrong.getMessage()));
        }
    }

    private K unseal(KeyId id, Found found) throws IOException {
        SealedKey sealed = sealed(found);
        byte[] passphrase = settings.passphrases()
                .passphrase("the " + type.noun() + " \"" + id + "\"", PassphraseSource.Purpose.OPEN);
        try {
            K key = type.of(sealed.open(passphrase));
            if (!type.publicText().apply(key).equals(sealed.publicText())) {
                close(key);
                throw damaged(found.file(), "the public key in it belongs to another secret");
            }
            return key;
        } catch (SealedKeyException wrong) {
            throw new UserError(
                    found.file() + " " + wrong.getMessage() + ": the passphrase is wrong, for the file is whole",
                    wrong);
        } finally {
            Arrays.fill(passphrase, (byte) 0);
        }
    }

    private SealedKey sealed(Found found) {
        SealedKey sealed;
        try {
            sealed = SealedKey.parse(found.text());
        } catch (SealedKeyException wrong) {
            if (wrong.reason() == SealedKeyException.Reason.OTHER_VERSION) {
                throw new UserError(found.file() + " " + wrong.getMessage(), wrong);
            }
            throw damaged(found.file(), "it " + wrong.getMessage());
        }
        if (sealed.kind() != type.kind()) {
            throw new UserError(found.file() + " holds a key of the kind \""
                    + sealed.kind().text() + "\", not the " + type.noun() + " that its name says");
        }
        return sealed;
    }

    private byte[] content(KeyId id, K key, Protection protection) throws IOException {
        if (protection == Protection.PLAIN) {
            return type.content(key);
        }
        byte[] secret = type.bytes().apply(key);
        byte[] passphrase = settings.passphrases()
                .passphrase("the " + type.noun() + " \"" + id + "\"", PassphraseSource.Purpose.SEAL);
        SealedKey sealed = SealedKey.seal(
                type.kind(), type.publicText().apply(key), secret, passphrase, settings.cost(), settings.random());
        Arrays.fill(secret, (byte) 0);
        Arrays.fill(passphrase, (byte) 0);
        return sealed.text().getBytes(ISO_8859_1);
    }

    private Found found(KeyId id) throws IOException {
        KeyFile.requireFolder(settings.folder());
        Optional<KeyFile> credential = credential(id);
        byte[] content = credential.isPresent() ? credential.get().readCredential() : null;
        if (content != null) {
            return new Found(credential.get(), content);
        }
        KeyFile file = file(id);
        content = file.read();
        if (content == null) {
            throw new UserError("there is no " + type.noun() + " \"" + id + "\": " + file + " does not exist");
        }
        return new Found(file, content);
    }

    private KeyFile file(KeyId id) {
        return KeyFile.at(settings.folder().resolve(id.text() + type.suffix()));
    }

    private Optional<KeyFile> credential(KeyId id) {
        @Nullable Path folder = settings.credentials();
        return folder == null ? Optional.empty() : Optional.of(KeyFile.at(folder.resolve(id.text())));
    }

    private void refuseCredential(KeyId id) {
        if (credential(id).map(KeyFile::isThere).orElse(false)) {
            throw new UserError("the " + type.noun() + " \"" + id
                    + "\" is a credential of systemd's, which can't be changed here: change it where the service's"
                    + " LoadCredential= takes it from");
        }
    }

    private UserError taken(KeyId id) {
        return new UserError(
                "there is a " + type.noun() + " \"" + id + "\" already: choose another name, or delete it" + " first");
    }

    private static UserError damaged(KeyFile file, String why) {
        return new UserError(
                file + " is damaged: " + why + "; restore it from a copy, or delete it and make a new key");
    }

    /** Wipes a key. */
    static void close(AutoCloseable key) {
        try {
            key.close();
        } catch (Exception impossible) {
            throw new IllegalStateException("wiping a key can't fail", impossible);
        }
    }

    /** A file and its content. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Found(KeyFile file, byte[] content) {
        boolean isSealed() {
            return SealedKey.isSealed(new String(content, 0, Math.min(content.length, 32), ISO_8859_1));
        }

        /** For a sealed one: it keeps no secret from who reads it. */
        String text() {
            return new String(content, ISO_8859_1);
        }

        void wipe() {
            Arrays.fill(content, (byte) 0);
        }
    }
}
