package dev.warren.platform.net;

import dev.warren.platform.tls.Pin;
import dev.warren.platform.tls.TlsContexts;
import dev.warren.protocol.derp.DerpNode;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/** The client's end of TLS to a relay, which is trusted as its entry in the map says. */
public final class DerpTls {
    private DerpTls() {}

    /** A handler for a connection to {@code node}, which must not be one in plaintext. */
    public static SslHandler handler(DerpNode node, ByteBufAllocator allocator) {
        DerpNode.Trust trust = node.trust();
        String pin = trust.pin();
        SslContext context;
        if (pin != null) {
            context = TlsContexts.pinnedClient(Set.of(Pin.parse(pin)));
        } else if (trust.insecureForTests()) {
            context = TlsContexts.insecureClientForTests();
        } else {
            context = TlsContexts.publicClient();
        }
        String certName = trust.certName();
        String name = pin == null && certName != null ? certName : node.hostName();
        SslHandler handler = context.newHandler(allocator, name, node.derpPort());
        nameServer(handler.engine(), name);
        return handler;
    }

    /** Sends the name even when it has no dot, for which the JDK does not by itself; an address is never sent. */
    private static void nameServer(SSLEngine engine, String name) {
        if (name.indexOf(':') < 0 && !name.chars().allMatch(c -> c == '.' || Character.digit(c, 10) >= 0)) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(name)));
            engine.setSSLParameters(parameters);
        }
    }
}
