package dev.warren.loadtest.relay.wire;

import dev.warren.platform.tls.Pin;
import dev.warren.platform.tls.PinnedTrust;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Which relay's certificate is accepted. */
public sealed interface Trust {
    /** One that an authority of the JDK signed, for the target's host name. */
    record Authorities() implements Trust {}

    /** Any. */
    record Anything() implements Trust {}

    /** The pinned one only, whatever its name. */
    record Pinned(Pin pin) implements Trust {}

    /** Asked about the certificate of each connection. */
    default X509ExtendedTrustManager manager() {
        return switch (this) {
            case Authorities _ -> new Explaining(authorities());
            case Anything _ -> new Unchecked();
            case Pinned pinned -> PinnedTrust.trustManager(Set.of(pinned.pin()));
        };
    }

    /** Whether the certificate has to name the host. */
    default boolean checksName() {
        return this instanceof Authorities;
    }

    private static X509ExtendedTrustManager authorities() {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            return Arrays.stream(factory.getTrustManagers())
                    .filter(X509ExtendedTrustManager.class::isInstance)
                    .map(X509ExtendedTrustManager.class::cast)
                    .findFirst()
                    .orElseThrow();
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError("every JDK has its authorities", impossible);
        }
    }

    /** A client's trust manager of which only one method is ever asked. */
    abstract class ServersOnly extends X509ExtendedTrustManager {
        /** Throws when the chain, leaf first, is not to be trusted. */
        abstract void check(X509Certificate[] chain, String authType, SSLEngine engine) throws CertificateException;

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            check(chain, authType, engine);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            throw new CertificateException("only engines are used here");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("only engines are used here");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("this trusts servers");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            throw new CertificateException("this trusts servers");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("this trusts servers");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /** Accepts everything. */
    final class Unchecked extends ServersOnly {
        @Override
        void check(X509Certificate[] chain, String authType, SSLEngine engine) {}

        /** Who only wants to see a certificate comes with a socket. */
        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}
    }

    /** Asks another one, and says what can be done about a no. */
    final class Explaining extends ServersOnly {
        private final X509ExtendedTrustManager judge;

        Explaining(X509ExtendedTrustManager judge) {
            this.judge = judge;
        }

        @Override
        void check(X509Certificate[] chain, String authType, SSLEngine engine) throws CertificateException {
            try {
                judge.checkServerTrusted(chain, authType, engine);
            } catch (CertificateException refused) {
                throw new CertificateException(
                        "its certificate cannot be verified (" + refused.getMessage()
                                + "); give --insecure to accept any, or --pin " + Pin.PREFIX
                                + Pin.of(chain[0]).hex() + " if that is the one it should have",
                        refused);
            }
        }
    }
}
