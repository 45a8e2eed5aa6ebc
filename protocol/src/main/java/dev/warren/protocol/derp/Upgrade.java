package dev.warren.protocol.derp;

import dev.warren.protocol.key.NodePublicKey;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a connection turns from HTTP/1.1 to DERP ({@code derphttp_client.go}, {@code derpserver/handler.go}). Normal
 * form: the client asks, the server answers 101 and then speaks first. Fast start: the client, which knows the server's
 * key from its meta certificate, sends its login right behind the request, and the server answers no HTTP at all.
 */
public final class Upgrade {
    /** The path on which every relay speaks DERP. */
    public static final String PATH = "/derp";

    private static final String PROTOCOL = "DERP";
    private static final String USER_AGENT = "warren";

    /** What a request asks for. */
    public enum Form {
        /** An answer, then DERP. */
        NORMAL,
        /** DERP without an answer. */
        FAST_START,
        /** DERP in WebSocket messages, see {@link WebSocketUpgrade}. */
        WEB_SOCKET,
        /** No upgrade, or one to something else. */
        NONE
    }

    private Upgrade() {}

    /**
     * The bytes of a request in the normal form.
     *
     * @param host the value of the Host field: a name or literal, and the port when it is not 443
     * @param idealNode the name of the region's first node when the client speaks to another one, else null
     */
    public static byte[] request(String host, @Nullable String idealNode) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("Host", host);
        fields.put("User-Agent", USER_AGENT);
        fields.put("Upgrade", PROTOCOL);
        fields.put("Connection", "Upgrade");
        if (idealNode != null) {
            fields.put("Ideal-Node", idealNode);
        }
        return HttpHead.format("GET " + PATH + " HTTP/1.1", fields).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The bytes of a request in the fast-start form; the login goes into the same write. */
    public static byte[] fastRequest(String host) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("Host", host);
        fields.put("User-Agent", USER_AGENT);
        fields.put("Upgrade", PROTOCOL);
        fields.put("Connection", "Upgrade");
        fields.put("Derp-Fast-Start", "1");
        return HttpHead.format("GET " + PATH + " HTTP/1.1", fields).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** What the request with this head asks for; its method and path are the caller's. */
    public static Form form(HttpHead request) {
        String upgrade = request.field("Upgrade");
        String wanted = upgrade == null ? "" : upgrade.toLowerCase(Locale.ROOT);
        if (wanted.equals("websocket") && mentionsDerp(request.field("Sec-WebSocket-Protocol"))) {
            return Form.WEB_SOCKET;
        }
        if (!wanted.equals("derp") && !wanted.equals("websocket")) {
            // "websocket" without DERP among the subprotocols is an old client that speaks plain DERP.
            return Form.NONE;
        }
        return "1".equals(request.field("Derp-Fast-Start")) ? Form.FAST_START : Form.NORMAL;
    }

    /** The bytes of the answer to a request in the normal form. */
    public static byte[] answer(NodePublicKey serverKey) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("Upgrade", PROTOCOL);
        fields.put("Connection", "Upgrade");
        fields.put("Derp-Version", Integer.toString(ClientInfo.VERSION));
        fields.put("Derp-Public-Key", serverKey.hex());
        return HttpHead.format("HTTP/1.1 101 Switching Protocols", fields).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Throws {@link ProtocolException} unless the answer's status is 101; its fields differ from server to server. */
    public static void checkAnswer(HttpHead answer) {
        int status = answer.status();
        if (status != 101) {
            throw new ProtocolException(
                    ProtocolException.Reason.NOT_UPGRADED,
                    "the server answered " + status + " to the upgrade: there is no relay behind this address");
        }
    }

    /** As derper: anywhere in the field, so that a client of another version than ours is told so in WebSocket. */
    private static boolean mentionsDerp(@Nullable String subprotocols) {
        return subprotocols != null && subprotocols.toLowerCase(Locale.ROOT).contains(WebSocketUpgrade.SUBPROTOCOL);
    }
}
