package dev.warren.protocol.derp;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a connection turns from HTTP/1.1 to DERP in WebSocket messages (RFC 6455 section 4.2), which is what a browser
 * can speak. DERP's bytes are a stream across binary messages: a frame may span messages, a message may hold several.
 */
public final class WebSocketUpgrade {
    // Specification.
    /** The subprotocol that client and relay agree on. */
    public static final String SUBPROTOCOL = "derp";
    /** The only version there is (RFC 6455 section 4.4). */
    public static final String VERSION = "13";

    private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int KEY_LENGTH = 16;

    private WebSocketUpgrade() {}

    /** Whether one of the subprotocols that the client offers is DERP; their case does not matter. */
    public static boolean offersDerp(HttpHead request) {
        return has(request.field("Sec-WebSocket-Protocol"), SUBPROTOCOL);
    }

    /**
     * The bytes of the answer to a request of {@link Upgrade.Form#WEB_SOCKET}; null when it is no opening handshake of
     * version 13. Agrees on DERP only when the client offers it, and on no extension: packets are sealed, so nothing
     * would be gained by compression.
     */
    public static byte @Nullable [] answer(HttpHead request) {
        String key = request.field("Sec-WebSocket-Key");
        if (!has(request.field("Connection"), "upgrade")
                || !VERSION.equals(request.field("Sec-WebSocket-Version"))
                || key == null
                || !isKey(key)) {
            return null;
        }
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("Upgrade", "websocket");
        fields.put("Connection", "Upgrade");
        fields.put("Sec-WebSocket-Accept", accept(key));
        if (offersDerp(request)) {
            fields.put("Sec-WebSocket-Protocol", SUBPROTOCOL);
        }
        return HttpHead.format("HTTP/1.1 101 Switching Protocols", fields).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static boolean has(@Nullable String list, String wanted) {
        return list != null
                && Arrays.stream(list.split(",", -1)).map(String::strip).anyMatch(wanted::equalsIgnoreCase);
    }

    private static boolean isKey(String text) {
        try {
            return Base64.getDecoder().decode(text).length == KEY_LENGTH;
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }

    private static String accept(String key) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            byte[] digest = sha1.digest((key + ACCEPT_SUFFIX).getBytes(StandardCharsets.ISO_8859_1));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every JDK has SHA-1", impossible);
        }
    }
}
