package dev.warren.relay.http;

import dev.warren.protocol.derp.HttpHead;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An HTTP answer.
 *
 * @param text its head and body, in ASCII
 * @param closes whether the connection ends behind it
 */
record Answer(int status, String text, boolean closes) {
    private static final int NO_CONTENT = 204;

    /** The answer to {@code request}; keeps the connection when the client does. */
    static Answer to(HttpHead request, int status, Map<String, String> fields, String body) {
        String[] line = request.requestLine();
        String wish = request.field("Connection");
        boolean closes = line[2].equals("HTTP/1.0")
                || "close".equalsIgnoreCase(wish)
                || "close".equals(fields.get("Connection"));
        Map<String, String> all = new LinkedHashMap<>(fields);
        if (status != NO_CONTENT) {
            all.put("Content-Length", Integer.toString(body.length()));
        }
        if (closes) {
            all.put("Connection", "close");
        }
        return new Answer(status, format(status, all, line[0].equals("HEAD") ? "" : body), closes);
    }

    /** The answer to what is no HTTP/1.1 request, or one that cannot be met; the connection ends behind it. */
    static Answer badRequest(Map<String, String> fields) {
        Map<String, String> all = new LinkedHashMap<>(fields);
        all.put("Content-Length", "0");
        all.put("Connection", "close");
        return new Answer(400, format(400, all, ""), true);
    }

    private static String format(int status, Map<String, String> fields, String body) {
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
            case 302 -> "Found";
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 426 -> "Upgrade Required";
            default -> throw new IllegalArgumentException("no page answers " + status);
        };
    }
}
