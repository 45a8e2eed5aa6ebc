package dev.warren.coordinator.api;

import dev.warren.coordinator.Core;
import dev.warren.coordinator.RefusedException;
import dev.warren.protocol.coordination.ErrorCode;
import dev.warren.protocol.coordination.RequestSignature;
import dev.warren.protocol.coordination.SignedRequest;
import dev.warren.protocol.key.IdentityPublicKey;
import dev.warren.protocol.key.KeyFormatException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.LongSupplier;

/** Finds out who signed a request. */
final class Callers {
    private final Core core;
    private final NonceBook nonces;
    private final LongSupplier unixMillis;

    Callers(Core core, NonceBook nonces, LongSupplier unixMillis) {
        this.core = core;
        this.nonces = nonces;
        this.unixMillis = unixMillis;
    }

    String nonce() {
        return nonces.issue(unixMillis.getAsLong());
    }

    /**
     * The identity that signed the request; throws {@link RefusedException} when the signature or the nonce is not
     * good.
     */
    IdentityPublicKey of(HttpServerRequest request, byte[] body) {
        MultiMap headers = request.headers();
        IdentityPublicKey identity = identity(header(headers, RequestSignature.IDENTITY_HEADER));
        String nonce = header(headers, RequestSignature.NONCE_HEADER);
        String signature = header(headers, RequestSignature.SIGNATURE_HEADER);
        SignedRequest signed = new SignedRequest(request.method().name(), request.uri(), body, nonce);
        if (!RequestSignature.verify(identity, signature, core.mesh(), signed)) {
            throw new RefusedException(
                    ErrorCode.BAD_SIGNATURE,
                    "the request is not signed by the identity that it names, or for another mesh than this"
                            + " coordinator's");
        }
        // A stranger's nonce is not noted: strangers could fill the book, and a replayed first registration changes
        // nothing.
        long now = unixMillis.getAsLong();
        boolean member = core.knows(identity);
        if (member ? !nonces.use(nonce, now) : !nonces.isFresh(nonce, now)) {
            throw new RefusedException(
                    ErrorCode.BAD_NONCE, "the nonce is too old, was used before, or is not this coordinator's");
        }
        return identity;
    }

    private static IdentityPublicKey identity(String text) {
        try {
            return IdentityPublicKey.parse(text);
        } catch (KeyFormatException bad) {
            throw new RefusedException(ErrorCode.BAD_SIGNATURE, String.valueOf(bad.getMessage()));
        }
    }

    private static String header(MultiMap headers, String name) {
        String value = headers.get(name);
        if (value == null) {
            throw new RefusedException(
                    ErrorCode.BAD_SIGNATURE, "the request is not signed: header " + name + " is missing");
        }
        return value;
    }
}
