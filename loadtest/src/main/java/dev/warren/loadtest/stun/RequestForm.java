package dev.warren.loadtest.stun;

import dev.warren.protocol.stun.BindingRequest;
import dev.warren.protocol.stun.TransactionId;
import java.util.Locale;

/** What a request looks like. */
public enum RequestForm {
    /** 40 bytes, with SOFTWARE and FINGERPRINT; the only form that {@code stund} and {@code derper} answer. */
    TAILSCALE,
    /** 20 bytes, nothing but a header. */
    PLAIN;

    /** As it is written in options. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    byte[] bytes(TransactionId id) {
        return switch (this) {
            case TAILSCALE -> BindingRequest.tailscale(id);
            case PLAIN -> BindingRequest.plain(id);
        };
    }
}
