package dev.warren.platform.crypto;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Which implementation of ChaCha20-Poly1305 the user wants for the data messages: {@code --cipher}. */
public enum CipherPreference {
    /** The fastest that is there. */
    AUTO,
    /** The JDK's. */
    JDK,
    /** Ours in Java's Vector API; needs {@code --add-modules jdk.incubator.vector}. */
    VECTOR,
    /** OpenSSL's. */
    LIBCRYPTO;

    /** Reads what {@link #toString} writes, in letters of any case; throws IllegalArgumentException. */
    public static CipherPreference parse(String text) {
        return Arrays.stream(values())
                .filter(one -> one.toString().equalsIgnoreCase(text.strip()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no cipher \"" + text + "\"; use "
                        + Arrays.stream(values())
                                .map(CipherPreference::toString)
                                .collect(Collectors.joining(", "))));
    }

    /** As users write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
