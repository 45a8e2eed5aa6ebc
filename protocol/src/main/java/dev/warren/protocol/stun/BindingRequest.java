package dev.warren.protocol.stun;

import dev.warren.protocol.stun.StunAttribute.Software;

/** The binding requests that we send. */
public final class BindingRequest {
    /** What Tailscale's STUN server insists on in SOFTWARE (derp.md section 3). */
    static final String TAILSCALE_SOFTWARE = "tailnode";
    /** Bytes of {@link #tailscale}. */
    public static final int TAILSCALE_LENGTH = 40;

    private BindingRequest() {}

    /**
     * Tailscale's 40 bytes: SOFTWARE "tailnode", then FINGERPRINT. Every RFC 8489 server answers it, and derper's
     * too.
     */
    public static byte[] tailscale(TransactionId id) {
        return StunCodec.encode(StunIntegrity.withFingerprint(
                StunMessage.of(MessageType.BINDING_REQUEST, id, new Software(TAILSCALE_SOFTWARE))));
    }

    /**
     * 48 bytes: Tailscale's form with a CHANGE-REQUEST (RFC 5780 section 7.2) in it, of {@link
     * BindingResponder#CHANGE_ADDRESS} and {@link BindingResponder#CHANGE_PORT}. With 0 too it asks for behaviour
     * discovery, so that our server tells its other address, and Tailscale's answers as always.
     */
    static byte[] discovery(TransactionId id, int change) {
        byte[] flags = new byte[Integer.BYTES];
        Bytes.putI32(flags, 0, change);
        return StunCodec.encode(StunIntegrity.withFingerprint(StunMessage.of(
                MessageType.BINDING_REQUEST,
                id,
                new Software(TAILSCALE_SOFTWARE),
                StunAttribute.Raw.of(AttributeType.CHANGE_REQUEST, flags))));
    }

    /** The 20 bytes of a request without attributes. */
    public static byte[] plain(TransactionId id) {
        return StunCodec.encode(StunMessage.of(MessageType.BINDING_REQUEST, id));
    }
}
