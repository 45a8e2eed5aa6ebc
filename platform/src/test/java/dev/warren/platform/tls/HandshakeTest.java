package dev.warren.platform.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.NodePrivateKey;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class HandshakeTest {
    private static final Instant MADE = Instant.parse("2026-11-22T04:00:00Z");
    private static final ServerCredentials SERVER =
            SelfSignedCertificate.create("relay.example", new SecureRandom(), MADE);
    private static final X509Certificate META =
            MetaCertificate.create(NodePrivateKey.generate(new SecureRandom()).publicKey(), new SecureRandom(), MADE);
    private static final Pin OTHER = SelfSignedCertificate.create("relay.example", new SecureRandom(), MADE)
            .pin();

    @ParameterizedTest
    @CsvSource({"jdk, TLSv1.2", "jdk, TLSv1.3", "boringssl, TLSv1.2", "boringssl, TLSv1.3"})
    void shouldSendTheMetaCertificateBehindTheChain(String engine, String version) throws SSLException {
        SSLEngine client =
                handshake(TlsContexts.pinnedClient(Set.of(SERVER.pin())), version, TlsEngine.parse(engine), SERVER);
        Certificate[] chain = client.getSession().getPeerCertificates();
        assertArrayEquals(new Certificate[] {SERVER.certificate(), META}, chain);
        assertEquals(version, client.getSession().getProtocol());
        assertEquals("", client.getApplicationProtocol());
    }

    /** BoringSSL serves no such key: then the JDK has to. */
    @Test
    void shouldServeAKeyThatBoringSslDoesNotKnow() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        X500Name name = new X500Name("CN=relay.example");
        X509CertificateHolder made = new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.ONE,
                        Date.from(MADE),
                        Date.from(MADE.plus(1000, ChronoUnit.DAYS)),
                        name,
                        pair.getPublic())
                .build(new JcaContentSignerBuilder("Ed25519").build(pair.getPrivate()));
        ServerCredentials credentials = new ServerCredentials(
                pair.getPrivate(), List.of(new JcaX509CertificateConverter().getCertificate(made)));
        SSLEngine client =
                handshake(TlsContexts.pinnedClient(Set.of(credentials.pin())), "TLSv1.3", TlsEngine.AUTO, credentials);
        assertEquals(credentials.certificate(), client.getSession().getPeerCertificates()[0]);
        UserError refused =
                assertThrows(UserError.class, () -> TlsContexts.server(TlsEngine.BORINGSSL, credentials, META));
        assertEquals(
                "boringssl serves no certificate with a key of EdDSA; use --tls-engine auto", refused.getMessage());
    }

    @Test
    void shouldTakeAnyOfSeveralPins() throws SSLException {
        SSLEngine client = handshake(TlsContexts.pinnedClient(Set.of(OTHER, SERVER.pin())), "TLSv1.3");
        assertEquals("TLSv1.3", client.getSession().getProtocol());
    }

    @Test
    void shouldRefuseACertificateThatWasNotPinned() {
        SSLException refused =
                assertThrows(SSLException.class, () -> handshake(TlsContexts.pinnedClient(Set.of(OTHER)), "TLSv1.3"));
        assertTrue(String.valueOf(refused.getMessage()).contains(SERVER.pin().toString()), refused.getMessage());
        assertTrue(String.valueOf(refused.getMessage()).contains(OTHER.toString()), refused.getMessage());
    }

    @Test
    void shouldRefuseASelfSignedCertificateWithoutAPin() {
        assertThrows(SSLException.class, () -> handshake(TlsContexts.publicClient(), "TLSv1.3"));
    }

    @Test
    void shouldTakeAnythingWhenTheMapSaysThatItIsForTests() throws SSLException {
        SSLEngine client = handshake(TlsContexts.insecureClientForTests(), "TLSv1.2");
        assertEquals("TLSv1.2", client.getSession().getProtocol());
    }

    @Test
    void shouldWorkWithTheJdksHttpClientWhateverTheHostName() throws Exception {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {SERVER.keyManager()}, null, null);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        try {
            URI uri = URI.create("https://127.0.0.1:" + server.getAddress().getPort() + "/");
            assertEquals(204, get(uri, SERVER.pin()));
            SSLHandshakeException refused = assertThrows(SSLHandshakeException.class, () -> get(uri, OTHER));
            assertTrue(String.valueOf(refused.getMessage()).contains(OTHER.toString()), refused.getMessage());
        } finally {
            server.stop(0);
        }
    }

    private static int get(URI uri, Pin pin) throws Exception {
        try (HttpClient client = HttpClient.newBuilder()
                .sslContext(PinnedTrust.clientContext(Set.of(pin)))
                .build()) {
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    private static SSLEngine handshake(SslContext context, String version) throws SSLException {
        return handshake(context, version, TlsEngine.AUTO, SERVER);
    }

    /** Runs both ends in memory until both are done, and returns the client's. */
    private static SSLEngine handshake(
            SslContext context, String version, TlsEngine engine, ServerCredentials credentials) throws SSLException {
        SslContext served = TlsContexts.server(engine, credentials, META);
        SSLEngine server = served.newEngine(UnpooledByteBufAllocator.DEFAULT);
        try {
            return handshake(context, version, server);
        } finally {
            ReferenceCountUtil.release(server);
            ReferenceCountUtil.release(served);
        }
    }

    private static SSLEngine handshake(SslContext context, String version, SSLEngine server) throws SSLException {
        UnpooledByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;
        SSLEngine client = context.newEngine(allocator, "relay.test", 443);
        client.setEnabledProtocols(new String[] {version});
        ByteBuffer toServer = ByteBuffer.allocate(1 << 16);
        ByteBuffer toClient = ByteBuffer.allocate(1 << 16);
        client.beginHandshake();
        server.beginHandshake();
        for (int round = 0; round < 100 && (isBusy(client) || isBusy(server)); round++) {
            step(client, toClient, toServer);
            step(server, toServer, toClient);
        }
        assertEquals(List.of(false, false), List.of(isBusy(client), isBusy(server)), "the handshake did not end");
        return client;
    }

    private static boolean isBusy(SSLEngine engine) {
        return engine.getHandshakeStatus() != SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING;
    }

    private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> {
                for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                    task.run();
                }
            }
            case NEED_WRAP -> engine.wrap(ByteBuffer.allocate(0), out);
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN, NOT_HANDSHAKING, FINISHED -> {
                in.flip();
                engine.unwrap(in, ByteBuffer.allocate(1 << 15));
                in.compact();
            }
        }
    }
}
