package dev.warren.node.api;

import org.jspecify.annotations.Nullable;

/**
 * A value that an interface can't be set to. Its sentence names the field as Java programs know it; {@link #inFile} names
 * the key of a configuration file in its place.
 */
final class NotAllowed extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** What was set, by its two names. */
    enum Field {
        LISTEN_PORT("listenPort", "ListenPort"),
        MTU("mtuBytes", "MTU"),
        ADDRESSES("addresses", "Address"),
        PEERS("peers", "PublicKey"),
        NEXT_PUBLIC_KEY("nextPublicKey", "NextPublicKey"),
        ALLOWED_IPS("allowedIps", "AllowedIPs"),
        KEEPALIVE("persistentKeepaliveSeconds", "PersistentKeepalive");

        private final String inJava;
        private final String inFile;

        Field(String inJava, String inFile) {
            this.inJava = inJava;
            this.inFile = inFile;
        }
    }

    private final Field field;
    private final String why;
    private final transient @Nullable Object subject;

    /** {@code subject} is which peer's key or which address it is about, or null; {@code why} goes on behind the name. */
    NotAllowed(Field field, @Nullable Object subject, String why) {
        super(field.inJava + " " + why);
        this.field = field;
        this.why = why;
        this.subject = subject;
    }

    /** The sentence for the author of a file. */
    String inFile() {
        return field.inFile + " " + why;
    }

    @Nullable
    Object subject() {
        return subject;
    }
}
