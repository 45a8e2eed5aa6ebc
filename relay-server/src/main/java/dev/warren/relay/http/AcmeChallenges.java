package dev.warren.relay.http;

import org.jspecify.annotations.Nullable;

/** What a certificate authority asks on the plain HTTP port (RFC 8555 section 8.3). Any thread may call it. */
@FunctionalInterface
public interface AcmeChallenges {
    /** No challenge is open. */
    AcmeChallenges NONE = _ -> null;

    /** The key authorization for {@code token}, in ASCII; null when that challenge is not open. */
    @Nullable
    String answer(String token);
}
