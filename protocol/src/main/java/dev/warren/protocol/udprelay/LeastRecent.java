package dev.warren.protocol.udprelay;

import java.util.LinkedHashMap;
import java.util.function.Function;

/** Values by key, of which the one that was not asked for longest is forgotten when there are too many. */
final class LeastRecent<K, V> {
    private static final float LOAD = 0.75f;

    private final int most;
    private final LinkedHashMap<K, V> values;

    LeastRecent(int most) {
        this.most = most;
        this.values = new LinkedHashMap<>(most, LOAD, true);
    }

    /** What is there for the key, made now if nothing is. */
    V get(K key, Function<K, V> make) {
        V value = values.computeIfAbsent(key, make);
        if (values.size() > most) {
            values.remove(values.keySet().iterator().next());
        }
        return value;
    }
}
