package dev.warren.loadtest.stream;

import dev.warren.loadtest.relay.wire.Target;
import dev.warren.loadtest.relay.wire.Trust;
import dev.warren.platform.tls.Pin;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.derp.RelaySpec;
import dev.warren.relay.NodeKeyFile;
import dev.warren.relay.udp.UdpRelay;
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
    /** Where a STUN server is to run beside a UDP relay: agents try UDP only where one answers. */
    static final int STUN_PORT = 41_478;

    private static final int LIMIT_MILLIS = 5_000;

    private RelayEntry() {}

    /** A region of this one relay; with a STUN server where its UDP port is to be used. */
    static DerpRegion of(int region, StreamSettings settings, RelayNetwork relay) throws IOException {
        Target target = settings.target();
        InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral(RelayNetwork.ADDRESS), target.port());
        String trust = target.tls() ? "pin=" + relay.call(() -> shown(address, target.host())) : "plaintext";
        String udp = settings.udpRelayKey() == null
                ? ""
                : ",stun=" + STUN_PORT + ",disco="
                        + UdpRelay.discoKey(NodeKeyFile.load(settings.udpRelayKey()))
                                .publicKey();
        return RelaySpec.parse(region + "=" + RelayNetwork.ADDRESS + ":" + target.port() + "," + trust + udp);
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
