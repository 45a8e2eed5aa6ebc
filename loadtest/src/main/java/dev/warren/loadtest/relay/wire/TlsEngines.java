package dev.warren.loadtest.relay.wire;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Makes TLS 1.3 engines for connections to one relay. A handshake costs BoringSSL's half of what it costs the JDK's, a
 * record costs the JDK's a fifth less; where BoringSSL does not run, the JDK's do everything. No session is ever
 * resumed: each connection costs the relay a whole handshake.
 */
final class TlsEngines {
    private static final String[] VERSIONS = {"TLSv1.3"};
    /** AES-128 first, as Go's servers choose: else the JDK's server would choose AES-256, and work more than others. */
    private static final String[] CIPHERS = {
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"
    };

    private static final int LARGEST_PORT = 65535;

    private final Target target;
    private final Trust trust;
    private final @Nullable SslContext boringSsl;
    private final @Nullable SSLContext jdk;
    private final boolean hasName;
    private final AtomicInteger port = new AtomicInteger();

    private TlsEngines(Target target, Trust trust, @Nullable SslContext boringSsl, @Nullable SSLContext jdk) {
        this.target = target;
        this.trust = trust;
        this.boringSsl = boringSsl;
        this.jdk = jdk;
        hasName = isName(target.host());
    }

    /** The engines that cost least for {@code use}. */
    static TlsEngines cheapest(Loop.Use use, Target target, Trust trust) {
        return use == Loop.Use.LOGINS && OpenSsl.isAvailable() ? boringSsl(target, trust) : jdk(target, trust);
    }

    /** BoringSSL's engines. */
    static TlsEngines boringSsl(Target target, Trust trust) {
        try {
            SslContext context = SslContextBuilder.forClient()
                    .sslProvider(SslProvider.OPENSSL_REFCNT)
                    .protocols(VERSIONS)
                    .trustManager(trust.manager())
                    .endpointIdentificationAlgorithm(trust.checksName() ? "HTTPS" : null)
                    .build();
            return new TlsEngines(target, trust, context, null);
        } catch (SSLException refused) {
            throw new IllegalStateException("BoringSSL is there and knows TLS 1.3", refused);
        }
    }

    /** The JDK's engines. */
    static TlsEngines jdk(Target target, Trust trust) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {trust.manager()}, null);
            return new TlsEngines(target, trust, null, context);
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError("every JDK has TLS", impossible);
        }
    }

    /** An engine for one connection, which {@link #release} ends. */
    SSLEngine next() {
        // The JDK keeps sessions by host and port: each connection has a port of its own, so that none is resumed.
        int name = Math.floorMod(port.getAndIncrement(), LARGEST_PORT);
        SSLEngine engine = boringSsl != null
                ? boringSsl.newEngine(UnpooledByteBufAllocator.DEFAULT, target.host(), name)
                : java.util.Objects.requireNonNull(jdk).createSSLEngine(target.host(), name);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        if (jdk != null) {
            parameters.setProtocols(VERSIONS);
            parameters.setCipherSuites(CIPHERS);
        }
        if (trust.checksName()) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        if (hasName) {
            parameters.setServerNames(List.of(new SNIHostName(target.host())));
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** Gives an engine's native memory back. */
    static void release(SSLEngine engine) {
        ReferenceCountUtil.release(engine);
    }

    private static boolean isName(String host) {
        try {
            var _ = InetAddress.ofLiteral(host);
            return false;
        } catch (IllegalArgumentException aName) {
            return true;
        }
    }
}
