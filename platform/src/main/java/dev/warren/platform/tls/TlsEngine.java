package dev.warren.platform.tls;

import dev.warren.platform.config.UserError;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.security.PublicKey;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What does a server's TLS. {@link #AUTO} is BoringSSL where it loads, else the JDK. */
public enum TlsEngine {
    /** BoringSSL when its native library loads, else the JDK. */
    AUTO,
    /** BoringSSL, by Netty's native library. */
    BORINGSSL,
    /** The JDK's own; works everywhere. */
    JDK;

    private static final Set<String> BORINGSSLS_KEYS = Set.of("EC", "RSA");

    /** Reads {@code auto}, {@code boringssl} or {@code jdk}; throws IllegalArgumentException. */
    public static TlsEngine parse(String text) {
        for (TlsEngine engine : values()) {
            if (engine.toString().equals(text)) {
                return engine;
            }
        }
        throw new IllegalArgumentException("\"" + text + "\" is no TLS engine; use auto, boringssl or jdk");
    }

    /** This engine, or what {@link #AUTO} stands for on this machine. */
    public TlsEngine resolved() {
        if (this != AUTO) {
            return this;
        }
        return OpenSsl.isAvailable() ? BORINGSSL : JDK;
    }

    /** Why this machine cannot use this engine, as one sentence; empty when it can. */
    public Optional<String> unavailableReason() {
        Throwable cause = this == BORINGSSL ? OpenSsl.unavailabilityCause() : null;
        return Optional.ofNullable(cause)
                .map(why -> this + " does not load on this machine (" + why.getMessage() + "); use --tls-engine auto");
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Netty's name of what serves a certificate with this key. Throws {@link UserError} when the engine that was asked for
     * does not know such keys.
     */
    SslProvider provider(PublicKey certified) {
        boolean known = BORINGSSLS_KEYS.contains(certified.getAlgorithm());
        if (this == BORINGSSL && !known) {
            throw new UserError(this + " serves no certificate with a key of " + certified.getAlgorithm()
                    + "; use --tls-engine auto");
        }
        // Counted: native memory is given back when its connection ends, not when the collector has found it.
        return known && resolved() == BORINGSSL ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
    }
}
