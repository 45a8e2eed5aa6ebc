package dev.warren.node.keys;

import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The kept keys of one name over time: {@code ID} itself is the first, and each that comes later is {@code ID.DATE}, with
 * the date from which on it is used, such as {@code wg0.20261129T120000Z}. Which one that is at any time follows from the
 * names and the clock alone, and files are made whole or not at all: so it is safe to stop in the middle of a change.
 *
 * @param <K> the class of the keys
 */
public final class KeyGenerations<K extends AutoCloseable> {
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final int DATE_LENGTH = 16;

    private final StoredKeys<K> keys;
    private final KeyId id;
    private final StoredKeys.Protection protection;

    /** Of the name {@code id} among {@code keys}; new ones are written with {@code protection}. */
    KeyGenerations(StoredKeys<K> keys, KeyId id, StoredKeys.Protection protection) {
        this.keys = keys;
        this.id = id;
        this.protection = protection;
        if (!KeyId.isValid(id + "." + "0".repeat(DATE_LENGTH))) {
            throw new UserError("\"" + id + "\" is too long a name for keys that change, which have a date behind it:"
                    + " give 47 characters at most");
        }
    }

    /**
     * One of the keys.
     *
     * @param id its own name
     * @param from when its use begins; 1970 for the first, which has no date
     */
    public record Generation(KeyId id, Instant from) {}

    /** The name that they have in common. */
    public KeyId id() {
        return id;
    }

    /** All that are there, the oldest first. */
    public List<Generation> list() throws IOException {
        List<Generation> all = new ArrayList<>();
        if (keys.exists(id)) {
            all.add(new Generation(id, Instant.EPOCH));
        }
        for (KeyId one : keys.ids()) {
            dateOf(one).ifPresent(from -> all.add(new Generation(one, from)));
        }
        all.sort(Comparator.comparing(Generation::from));
        return List.copyOf(all);
    }

    /** Throws a UserError when keys can't be kept where they are to be, or one that is there can't be used. */
    public void requireUsable() throws IOException {
        keys.requirePlace(id);
        for (Generation one : list()) {
            StoredKey stored = describe(one);
            if (!stored.problem().isEmpty()) {
                throw new UserError(stored.problem());
            }
        }
    }

    /** The key, which the caller closes. */
    public K load(Generation generation) throws IOException {
        return keys.load(generation.id());
    }

    /** What can be told of a key without its secret. */
    public StoredKey describe(Generation generation) throws IOException {
        return keys.describe(generation.id());
    }

    /** Makes the key that is used from {@code from} on, in whole seconds, if it is not there. */
    public Generation generate(Instant from) throws IOException {
        Generation made = at(from);
        if (!keys.exists(made.id())) {
            StoredKeys.close(keys.generate(made.id(), protection));
        }
        return made;
    }

    /** Keeps a key that came from elsewhere, in place of one with that date. */
    void store(Instant from, K key) throws IOException {
        keys.replace(at(from).id(), key, protection);
    }

    /** Deletes a key; no-op when it is gone. A credential of systemd's stays, since it is not ours to delete. */
    public void delete(Generation generation) throws IOException {
        if (keys.describe(generation.id()).place() == StoredKey.Place.FOLDER) {
            keys.delete(generation.id());
        }
    }

    /** Deletes all but the newest {@code count} of those with a date. */
    void keepNewest(int count) throws IOException {
        List<Generation> dated = list().stream()
                .filter(generation -> !generation.id().equals(id))
                .toList();
        for (Generation old : dated.subList(0, Math.max(0, dated.size() - count))) {
            delete(old);
        }
    }

    private Generation at(Instant from) {
        Instant second = from.truncatedTo(ChronoUnit.SECONDS);
        return new Generation(new KeyId(id + "." + DATE.format(second)), second);
    }

    private Optional<Instant> dateOf(KeyId one) {
        String text = one.text();
        int dot = text.length() - DATE_LENGTH - 1;
        if (dot < 1 || text.charAt(dot) != '.' || !text.substring(0, dot).equals(id.text())) {
            return Optional.empty();
        }
        try {
            return Optional.of(DATE.parse(text.substring(dot + 1), Instant::from));
        } catch (DateTimeException otherName) {
            return Optional.empty();
        }
    }
}
