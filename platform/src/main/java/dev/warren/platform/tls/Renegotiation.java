package dev.warren.platform.tls;

/**
 * Another handshake on a connection of TLS 1.2 that has had one, asked for by the client. It costs a server several times what
 * it costs the client, who may ask for ever (CVE-2011-1473), and nobody needs it: TLS 1.3 has none. BoringSSL never allows
 * it; the JDK does, unless it is told not to.
 */
public final class Renegotiation {
    private static final String PROPERTY = "jdk.tls.rejectClientInitiatedRenegotiation";

    private Renegotiation() {}

    /**
     * Has the JDK's servers of this process end a connection whose client asks for it. Counts from the process's first
     * handshake as a server on, so it is to be called before that. Who has set the JDK's property has the last word.
     */
    public static void refuse() {
        if (System.getProperty(PROPERTY) == null) {
            System.setProperty(PROPERTY, "true");
        }
    }
}
