package dev.warren.relay;

import dev.warren.platform.acme.AcmeConfig;
import dev.warren.platform.acme.AcmeRenewal;
import dev.warren.platform.config.UserError;
import dev.warren.platform.tls.MetaCertificate;
import dev.warren.platform.tls.SelfSignedCertificate;
import dev.warren.platform.tls.ServerCredentials;
import dev.warren.platform.tls.TlsContexts;
import dev.warren.protocol.key.NodePublicKey;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the relay proves itself. New connections get the certificate that was read last; those that are open keep what
 * they have. Any thread may ask.
 */
final class RelayTls {
    private static final Logger LOG = LoggerFactory.getLogger(RelayTls.class);

    private record Current(ServerCredentials credentials, SslContext context) {}

    private final NodePublicKey key;
    private final String hostName;
    private volatile Current current;

    private RelayTls(NodePublicKey key, String hostName, Current current) {
        this.key = key;
        this.hostName = hostName;
        this.current = current;
    }

    /** Reads or makes the certificate of {@code config}, which has one. Throws {@link UserError}. */
    static RelayTls load(RelayConfig.Tls config, String hostName, NodePublicKey key) throws IOException {
        ServerCredentials credentials = credentials(config, hostName);
        return new RelayTls(key, hostName, checked(config, hostName, credentials, key));
    }

    private static ServerCredentials credentials(RelayConfig.Tls config, String hostName) throws IOException {
        AcmeConfig acme = config.acme();
        if (acme != null) {
            return AcmeRenewal.stored(acme)
                    .orElseGet(() -> SelfSignedCertificate.create(hostName, new SecureRandom(), Instant.now()));
        }
        return config.ownWhenAbsent()
                ? SelfSignedCertificate.loadOrCreate(config.certificate(), config.key(), hostName)
                : ServerCredentials.load(config.certificate(), config.key());
    }

    /**
     * Reads the certificate again. Nothing is made here: when the files are gone, that is an error. Throws {@link
     * UserError} or {@link IOException} when the pair cannot be used, and keeps what it has.
     */
    void reload(RelayConfig next) throws IOException {
        RelayConfig.Tls config = next.tls();
        if (config == null || (config.acme() != null && !Files.exists(config.certificate()))) {
            // Of an authority's certificate nothing is there before the first order.
            return;
        }
        ServerCredentials read = ServerCredentials.load(config.certificate(), config.key());
        try {
            read.certificate().checkValidity();
        } catch (CertificateExpiredException | CertificateNotYetValidException notNow) {
            throw new UserError(
                    "the new certificate in " + config.certificate() + " is not valid now (" + notNow.getMessage()
                            + "): check its dates and this machine's clock",
                    notNow);
        }
        if (!read.equals(current.credentials())) {
            current = checked(config, hostName, read, key);
            LOG.info(
                    "the certificate is now {}, valid until {}, {}",
                    read.certificate().getSubjectX500Principal(),
                    read.certificate().getNotAfter().toInstant(),
                    read.pin());
        }
    }

    /** For a new connection. */
    SslContext context() {
        return current.context();
    }

    ServerCredentials credentials() {
        return current.credentials();
    }

    /** When the certificate ends, in Unix seconds. */
    long expirySeconds() {
        return credentials().certificate().getNotAfter().toInstant().getEpochSecond();
    }

    private static Current checked(
            RelayConfig.Tls config, String hostName, ServerCredentials credentials, NodePublicKey key) {
        if (!credentials.covers(hostName)) {
            LOG.warn(
                    "the certificate in {} does not name {}; clients that check names will refuse it",
                    config.certificate(),
                    hostName);
        }
        return new Current(
                credentials,
                TlsContexts.server(credentials, MetaCertificate.create(key, new SecureRandom(), Instant.now())));
    }
}
