package dev.warren.platform.tls;

import dev.warren.platform.config.UserError;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.security.cert.X509Certificate;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLException;

/** Netty's TLS contexts: TLS 1.2 and 1.3, no protocol negotiation (DERP is HTTP/1.1 only). A client's are the JDK's. */
public final class TlsContexts {
    private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};

    private TlsContexts() {}

    /**
     * A server's context; it sends the chain of {@code credentials} and then {@code appended}. It is to be released when it
     * is not used any more: BoringSSL's is counted. Throws {@link UserError} when the engine cannot serve the certificate.
     */
    public static SslContext server(TlsEngine engine, ServerCredentials credentials, X509Certificate... appended) {
        SslProvider provider = engine.provider(credentials.certificate().getPublicKey());
        KeyManagerFactory keys = new FixedKeyManagerFactory(credentials.keyManager(appended));
        // BoringSSL would else be told key and chain anew for every handshake.
        KeyManagerFactory read = provider == SslProvider.JDK ? keys : new OpenSslCachingX509KeyManagerFactory(keys);
        return build(SslContextBuilder.forServer(read), provider);
    }

    /** A client's context that trusts the pinned certificates only, see {@link PinnedTrust}. */
    public static SslContext pinnedClient(Set<Pin> pins) {
        return build(SslContextBuilder.forClient().trustManager(PinnedTrust.trustManager(pins)));
    }

    /** A client's context that trusts the machine's certificate authorities and checks the host name. */
    public static SslContext publicClient() {
        return build(SslContextBuilder.forClient().endpointIdentificationAlgorithm("HTTPS"));
    }

    /** A client's context that checks nothing: for a map that says {@code InsecureForTests}. */
    public static SslContext insecureClientForTests() {
        return build(SslContextBuilder.forClient()
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .endpointIdentificationAlgorithm(null));
    }

    private static SslContext build(SslContextBuilder builder) {
        return build(builder, SslProvider.JDK);
    }

    private static SslContext build(SslContextBuilder builder, SslProvider provider) {
        try {
            return builder.sslProvider(provider).protocols(VERSIONS).build();
        } catch (SSLException impossible) {
            throw new AssertionError("every JDK has TLS 1.2 and 1.3", impossible);
        }
    }
}
