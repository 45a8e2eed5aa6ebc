package dev.warren.relay.http;

import dev.warren.protocol.derp.HttpHead;
import dev.warren.protocol.derp.WebSocketUpgrade;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** What a relay answers to requests that are no upgrade; a function of the request's head. */
final class HttpPages {
    /** An answer's head and body, in ASCII, and whether the connection ends behind it. */
    record Answer(int status, String text, boolean closes) {}

    /** What captive-portal checks may ask to have echoed (derper {@code serveNoContent}). */
    private static final Pattern CHALLENGE = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

    private HttpPages() {}

    /** The answer to a request for {@code path}, which has no query any more. */
    static Answer answer(HttpHead request, String method, String path) {
        boolean reads = method.equals("GET") || method.equals("HEAD");
        return switch (path) {
            case "/derp/probe", "/derp/latency-check" -> reads ? probe(request) : notAllowed(request);
            case "/generate_204" -> reads ? noContent(request) : notAllowed(request);
            case "/robots.txt" -> reads ? text(request, 200, "User-agent: *\nDisallow: /\n") : notAllowed(request);
            case "/derp" -> text(request, 426, "This is a relay: it speaks DERP after an upgrade.\n");
            default -> text(request, 404, "There is nothing here.\n");
        };
    }

    /** The answer to what is no HTTP/1.1 request, or one with a body; the connection ends behind it. */
    static Answer badRequest() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("Content-Length", "0");
        fields.put("Connection", "close");
        return new Answer(400, message(400, fields, ""), true);
    }

    /** The answer to a WebSocket handshake that is none (RFC 6455 section 4.2.2); the connection ends behind it. */
    static Answer badHandshake() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("Sec-WebSocket-Version", WebSocketUpgrade.VERSION);
        fields.put("Content-Length", "0");
        fields.put("Connection", "close");
        return new Answer(400, message(400, fields, ""), true);
    }

    private static Answer probe(HttpHead request) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("Access-Control-Allow-Origin", "*");
        fields.put("Content-Length", "0");
        return finish(request, 200, fields, "");
    }

    private static Answer noContent(HttpHead request) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("Cache-Control", "no-cache, no-store, must-revalidate, no-transform, max-age=0");
        String challenge = request.field("X-Tailscale-Challenge");
        if (challenge != null && CHALLENGE.matcher(challenge).matches()) {
            fields.put("X-Tailscale-Response", "response " + challenge);
        }
        return finish(request, 204, fields, "");
    }

    private static Answer notAllowed(HttpHead request) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("Allow", "GET, HEAD");
        fields.put("Content-Length", "0");
        return finish(request, 405, fields, "");
    }

    private static Answer text(HttpHead request, int status, String body) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("Content-Type", "text/plain; charset=utf-8");
        fields.put("Content-Length", Integer.toString(body.length()));
        if (status == 426) {
            fields.put("Upgrade", "DERP");
        }
        return finish(request, status, fields, body);
    }

    private static Answer finish(HttpHead request, int status, Map<String, String> fields, String body) {
        String[] line = request.requestLine();
        String wish = request.field("Connection");
        boolean closes = line[2].equals("HTTP/1.0") || (wish != null && wish.equalsIgnoreCase("close"));
        if (closes) {
            fields.put("Connection", "close");
        }
        return new Answer(status, message(status, fields, line[0].equals("HEAD") ? "" : body), closes);
    }

    private static String message(int status, Map<String, String> fields, String body) {
        StringBuilder text = new StringBuilder("HTTP/1.1 " + status + " " + reason(status) + "\r\n");
        fields.forEach(
                (name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
        return text.append("\r\n").append(body).toString();
    }

    /** RFC 9110 section 15. */
    private static String reason(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 204 -> "No Content";
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 426 -> "Upgrade Required";
            default -> throw new IllegalArgumentException("no page answers " + status);
        };
    }
}
