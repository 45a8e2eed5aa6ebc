package dev.warren.relay;

import dev.warren.platform.acme.AcmeConfig;
import dev.warren.platform.acme.AcmeRenewal;
import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.UserError;
import dev.warren.platform.tls.MetaCertificate;
import dev.warren.platform.tls.SelfSignedCertificate;
import dev.warren.platform.tls.ServerCredentials;
import dev.warren.platform.tls.TlsContexts;
import dev.warren.platform.tls.TlsEngine;
import dev.warren.protocol.key.NodePublicKey;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the relay proves itself. New connections get the certificate that was read last; those that are open keep what
 * they have. Any thread may ask.
 */
final class RelayTls implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RelayTls.class);

    private record Current(ServerCredentials credentials, SslContext context) {}

    private final TlsEngine engine;
    private final NodePublicKey key;
    private final String hostName;
    /** Held while a context is used or replaced, so that none is released under a handler that is being made. */
    private final Object swapping = new Object();

    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile Current current;

    private RelayTls(RelayConfig.Tls config, TlsEngine engine, String hostName, NodePublicKey key) throws IOException {
        this.engine = engine;
        this.key = key;
        this.hostName = hostName;
        this.current = checked(config, credentials(config, hostName));
    }

    /**
     * Reads or makes the certificate of {@code config}, which has one. Throws {@link UserError}, also when the engine
     * does not load here.
     */
    static RelayTls load(RelayConfig.Tls config, TlsEngine engine, String hostName, NodePublicKey key)
            throws IOException {
        engine.unavailableReason().ifPresent(reason -> {
            throw new UserError(reason);
        });
        LOG.debug("TLS is {}'s", engine.resolved());
        return new RelayTls(config, engine, hostName, key);
    }

    private static ServerCredentials credentials(RelayConfig.Tls config, String hostName) throws IOException {
        AcmeConfig acme = config.acme();
        if (acme != null) {
            return AcmeRenewal.stored(acme)
                    .orElseGet(() -> SelfSignedCertificate.create(hostName, new SecureRandom(), Instant.now()));
        }
        if (config.ownWhenAbsent()) {
            return SelfSignedCertificate.loadOrCreate(config.certificate(), config.key(), hostName);
        }
        try {
            return ServerCredentials.load(config.certificate(), config.key());
        } catch (FileSystemException unreadable) {
            // The system names the file alone, and not who asked for it.
            throw new UserError(Sentences.describe(unreadable) + " (--tls-cert, --tls-key)", unreadable);
        }
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
            replace(checked(config, read));
            LOG.info(
                    "the certificate is now {}, valid until {}, {}",
                    read.certificate().getSubjectX500Principal(),
                    read.certificate().getNotAfter().toInstant(),
                    read.pin());
        }
    }

    private void replace(Current next) {
        synchronized (swapping) {
            ReferenceCountUtil.release(current.context());
            current = next;
        }
    }

    /** For a new connection, which keeps the context that it was made of. */
    SslHandler handler(ByteBufAllocator allocator) {
        synchronized (swapping) {
            return current.context().newHandler(allocator);
        }
    }

    /** Gives back what the engine holds; connections that are open keep what they have. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            ReferenceCountUtil.release(current.context());
        }
    }

    ServerCredentials credentials() {
        return current.credentials();
    }

    /** When the certificate ends, in Unix seconds. */
    long expirySeconds() {
        return credentials().certificate().getNotAfter().toInstant().getEpochSecond();
    }

    private Current checked(RelayConfig.Tls config, ServerCredentials credentials) {
        if (!credentials.covers(hostName)) {
            LOG.warn(
                    "the certificate in {} does not name {}; clients that check names will refuse it",
                    config.certificate(),
                    hostName);
        }
        return new Current(
                credentials,
                TlsContexts.server(
                        engine, credentials, MetaCertificate.create(key, new SecureRandom(), Instant.now())));
    }
}
