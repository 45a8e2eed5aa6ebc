package dev.warren.platform.crypto;

import dev.warren.platform.config.UserError;
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

    /** The preference of this {@link #text}, in letters of any case. */
    public static CipherPreference parse(String text) {
        return Arrays.stream(values())
                .filter(one -> one.text().equalsIgnoreCase(text.strip()))
                .findFirst()
                .orElseThrow(() -> new UserError("there is no cipher '" + text + "': use "
                        + Arrays.stream(values()).map(CipherPreference::text).collect(Collectors.joining(", "))));
    }

    /** As users write it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
