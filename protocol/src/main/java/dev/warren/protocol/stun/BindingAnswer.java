package dev.warren.protocol.stun;

import dev.warren.protocol.stun.StunAttribute.ErrorCode;
import dev.warren.protocol.stun.StunAttribute.MappedAddress;
import dev.warren.protocol.stun.StunAttribute.XorMappedAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a server answered to a binding request. */
public sealed interface BindingAnswer {
    /** The request's. */
    TransactionId id();

    /**
     * The request came from here.
     *
     * @param id the request's
     * @param address as the server saw it; never an IPv4 address mapped into IPv6
     */
    record Mapped(TransactionId id, InetSocketAddress address) implements BindingAnswer {}

    /**
     * The server refused.
     *
     * @param id the request's
     * @param code 300 to 699 (RFC 8489 section 14.8)
     * @param reason the server's words
     */
    record Refused(TransactionId id, int code, String reason) implements BindingAnswer {}

    /**
     * The answer in the {@code length} bytes at {@code offset}; null when they are something else. XOR-MAPPED-ADDRESS
     * goes before MAPPED-ADDRESS. A FINGERPRINT must be right if there is one; port 0 is no address.
     */
    static @Nullable BindingAnswer parse(byte[] source, int offset, int length) {
        if (!StunCodec.looksLike(source, offset, length)
                || !(StunCodec.decode(source, offset, length) instanceof StunMessage message)
                || (message.first(StunAttribute.Fingerprint.class).isPresent()
                        && !StunIntegrity.hasFingerprint(source, offset, length))) {
            return null;
        }
        if (message.type().equals(MessageType.BINDING_SUCCESS)) {
            return address(message)
                    .filter(address -> address.getPort() != 0)
                    .map(address -> new Mapped(message.id(), address))
                    .orElse(null);
        }
        if (message.type().equals(MessageType.BINDING_ERROR)) {
            return message.first(ErrorCode.class)
                    .map(error -> new Refused(message.id(), error.code(), error.reason()))
                    .orElse(null);
        }
        return null;
    }

    private static Optional<InetSocketAddress> address(StunMessage message) {
        return message.first(XorMappedAddress.class)
                .map(XorMappedAddress::address)
                .or(() -> message.first(MappedAddress.class).map(MappedAddress::address));
    }
}
