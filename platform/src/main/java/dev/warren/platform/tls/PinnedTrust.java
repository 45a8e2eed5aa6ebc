package dev.warren.platform.tls;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts a server whose own certificate has one of the pins, and nothing else. A pin names one certificate, so its host
 * name, issuer, dates and whatever the server sends behind it say nothing more and are not looked at; that also lets a
 * machine with a wrong clock connect.
 */
public final class PinnedTrust extends X509ExtendedTrustManager {
    private final Set<Pin> pins;

    private PinnedTrust(Set<Pin> pins) {
        if (pins.isEmpty()) {
            throw new IllegalArgumentException("without a pin no server could be trusted");
        }
        this.pins = Set.copyOf(pins);
    }

    /** The trust manager for {@code pins}, of which there is at least one; for Netty and for JSSE. */
    public static X509ExtendedTrustManager trustManager(Set<Pin> pins) {
        return new PinnedTrust(pins);
    }

    /** A client context for the JDK's own clients, such as {@code java.net.http.HttpClient}. */
    public static SSLContext clientContext(Set<Pin> pins) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {trustManager(pins)}, null);
            return context;
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError("every JDK has TLS", impossible);
        }
    }

    private void check(X509Certificate[] chain) throws CertificateException {
        if (chain.length == 0) {
            throw new CertificateException("the server sent no certificate");
        }
        Pin seen = Pin.of(chain[0]);
        if (!pins.contains(seen)) {
            throw new CertificateException("the server's certificate has the pin " + seen
                    + ", which is not the one that was expected: " + pins);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("pins are for servers");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("pins are for servers");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("pins are for servers");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
