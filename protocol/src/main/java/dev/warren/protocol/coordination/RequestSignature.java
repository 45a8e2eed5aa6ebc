package dev.warren.protocol.coordination;

import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.key.IdentityPublicKey;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;

/**
 * The proof that a request comes from an identity: its Ed25519 signature over domain string, mesh, method, path with
 * query, the body's SHA-256 and a nonce that the server gave, each followed by a line feed.
 */
public final class RequestSignature {
    /** The header that carries the signer's key in its text form. */
    public static final String IDENTITY_HEADER = "Warren-Identity";

    /**
     * The header with the nonce: in a request the one that was signed, in an answer a fresh one for the next request.
     */
    public static final String NONCE_HEADER = "Warren-Nonce";

    /** The header with the signature, 64 bytes in base64. */
    public static final String SIGNATURE_HEADER = "Warren-Signature";

    private static final String DOMAIN = "warren request v1";

    private RequestSignature() {}

    /** The signature's text for {@link #SIGNATURE_HEADER}. */
    public static String sign(IdentityPrivateKey key, MeshId mesh, SignedRequest request) {
        return Base64.getEncoder().encodeToString(key.sign(signedBytes(mesh, request)));
    }

    /** Whether {@code signature} (the header's text) is {@code identity}'s over {@code request}. */
    public static boolean verify(IdentityPublicKey identity, String signature, MeshId mesh, SignedRequest request) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(signature);
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
        return identity.verify(signedBytes(mesh, request), bytes);
    }

    private static byte[] signedBytes(MeshId mesh, SignedRequest request) {
        String lines = String.join(
                "\n",
                DOMAIN,
                mesh.text(),
                request.method(),
                request.path(),
                HexFormat.of().formatHex(Hashes.sha256(request.body())),
                request.nonce(),
                "");
        return lines.getBytes(StandardCharsets.UTF_8);
    }
}
