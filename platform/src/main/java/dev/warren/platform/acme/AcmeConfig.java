package dev.warren.platform.acme;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a certificate comes from.
 *
 * @param directory the authority's ACME directory
 * @param authority a PEM file of the certificates to trust at the directory, null for the machine's
 * @param email whom the authority may write to, or null
 * @param profile which of the authority's profiles to ask for, null for its default; one for short lives is what Let's
 *     Encrypt wants for an IP address
 * @param hostName what the certificate shall name: a DNS name or an IP literal
 * @param folder holds the account's key, the certificate and its key; made with mode 0700 when absent
 */
public record AcmeConfig(
        URI directory,
        @Nullable Path authority,
        @Nullable String email,
        @Nullable String profile,
        String hostName,
        Path folder) {
    /** Where the certificate and its issuers are kept. */
    public Path certificateFile() {
        return folder.resolve("certificate.pem");
    }

    /** Where the certificate's key is kept. */
    public Path keyFile() {
        return folder.resolve("key.pem");
    }

    Path accountFile() {
        return folder.resolve("account.key.pem");
    }
}
