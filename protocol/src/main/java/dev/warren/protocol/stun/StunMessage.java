package dev.warren.protocol.stun;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One STUN message (RFC 8489 section 5).
 *
 * @param type class and method
 * @param cookie {@link StunCodec#MAGIC_COOKIE}; anything else makes it a message of RFC 3489, where these four bytes
 *     belong to a transaction id of 16
 * @param id the (last) 12 bytes of the transaction id
 * @param attributes in the order on the wire
 */
public record StunMessage(MessageType type, int cookie, TransactionId id, List<StunAttribute> attributes)
        implements StunDecoded {
    /** Copies the list. */
    public StunMessage {
        attributes = List.copyOf(attributes);
    }

    /** A message of RFC 8489. */
    public static StunMessage of(MessageType type, TransactionId id, StunAttribute... attributes) {
        return new StunMessage(type, StunCodec.MAGIC_COOKIE, id, List.of(attributes));
    }

    /** Whether it lacks the magic cookie, as the messages of RFC 3489 do. */
    public boolean isClassic() {
        return cookie != StunCodec.MAGIC_COOKIE;
    }

    /** The first attribute of the given form; later ones of a type do not count (RFC 8489 section 14). */
    public <A extends StunAttribute> Optional<A> first(Class<A> form) {
        return attributes.stream().filter(form::isInstance).map(form::cast).findFirst();
    }

    /** The value of the first attribute of {@code type}, when it is one that stays {@link StunAttribute.Raw}. */
    byte @Nullable [] raw(AttributeType type) {
        for (StunAttribute attribute : attributes) {
            if (attribute.type() == type.code()) {
                return attribute instanceof StunAttribute.Raw raw ? raw.value() : null;
            }
        }
        return null;
    }

    /** This message with one more attribute at its end. */
    public StunMessage with(StunAttribute attribute) {
        return new StunMessage(
                type,
                cookie,
                id,
                Stream.concat(attributes.stream(), Stream.of(attribute)).toList());
    }
}
