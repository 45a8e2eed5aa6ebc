package dev.warren.stun;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a STUN server is asked over streams (RFC 8489 section 6.2.2).
 *
 * @param tcp addresses for plain TCP
 * @param tls addresses for TLS; need {@code certificate} and {@code key}
 * @param certificate PEM certificate chain
 * @param key PEM private key of the certificate
 * @param limits what one client and all together may take
 */
public record StunStreamConfig(
        List<InetSocketAddress> tcp,
        List<InetSocketAddress> tls,
        @Nullable Path certificate,
        @Nullable Path key,
        StunStreamLimits limits) {
    /** No streams at all. */
    public static final StunStreamConfig NONE =
            new StunStreamConfig(List.of(), List.of(), null, null, StunStreamLimits.DEFAULT);

    /** Copies the lists; throws IllegalArgumentException for TLS without a certificate, or half of one. */
    public StunStreamConfig {
        tcp = List.copyOf(tcp);
        tls = List.copyOf(tls);
        if ((certificate == null) != (key == null) || (certificate == null && !tls.isEmpty())) {
            throw new IllegalArgumentException("TLS needs a certificate and its key");
        }
    }

    /** Whether there is nothing to listen on. */
    public boolean isEmpty() {
        return tcp.isEmpty() && tls.isEmpty();
    }
}
