package dev.warren.loadtest.stream;

import dev.warren.loadtest.relay.wire.Target;
import dev.warren.loadtest.relay.wire.Trust;
import dev.warren.platform.tls.Pin;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.derp.RelaySpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

/** The relay as the ends' maps have it: in plaintext, or pinned to the certificate that it shows now. */
final class RelayEntry {
    private static final int LIMIT_MILLIS = 5_000;

    private RelayEntry() {}

    /** A region of this one relay. */
    static DerpRegion of(int region, Target target, RelayNetwork relay) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral(RelayNetwork.ADDRESS), target.port());
        String trust = target.tls() ? "pin=" + relay.call(() -> shown(address, target.host())) : "plaintext";
        return RelaySpec.parse(region + "=" + RelayNetwork.ADDRESS + ":" + target.port() + "," + trust);
    }

    /** The pin of the first certificate that the relay shows to somebody who asks for {@code host}. */
    private static Pin shown(InetSocketAddress address, String host) throws IOException {
        try (Socket plain = new Socket()) {
            plain.connect(address, LIMIT_MILLIS);
            plain.setSoTimeout(LIMIT_MILLIS);
            SSLContext anything = SSLContext.getInstance("TLS");
            anything.init(null, new TrustManager[] {new Trust.Anything().manager()}, null);
            try (SSLSocket tls =
                    (SSLSocket) anything.getSocketFactory().createSocket(plain, host, address.getPort(), true)) {
                tls.startHandshake();
                return Pin.of((X509Certificate) tls.getSession().getPeerCertificates()[0]);
            }
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError("every JDK has TLS", impossible);
        }
    }
}
