package dev.warren.protocol.derp;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The head of an HTTP/1.1 message (RFC 9112 sections 2 to 5): everything up to the empty line. Strict: lines end in
 * CRLF, no folded lines, no blank before a colon.
 *
 * @param startLine the request line or the status line
 * @param fields by lower-case name; values of fields that repeat are joined by {@code ", "}
 */
public record HttpHead(String startLine, SortedMap<String, String> fields) {
    /** The longest head that is read, the empty line included. */
    public static final int MAX_LENGTH = 16 << 10;

    private static final String TOKEN_SYMBOLS = "!#$%&'*+-.^_`|~";

    /** How many bytes the head at {@code offset} has, the empty line included; -1 when its end has not arrived. */
    public static int length(byte[] buffer, int offset, int length) {
        for (int i = offset + 3; i < offset + length; i++) {
            if (buffer[i] == '\n' && buffer[i - 1] == '\r' && buffer[i - 2] == '\n' && buffer[i - 3] == '\r') {
                return i + 1 - offset;
            }
        }
        return -1;
    }

    /** Reads the head that the {@code length} bytes at {@code offset} are; throws {@link ProtocolException}. */
    public static HttpHead parse(byte[] buffer, int offset, int length) {
        if (length > MAX_LENGTH) {
            throw bad("the HTTP head is longer than " + MAX_LENGTH + " bytes");
        }
        if (length < 4 || length(buffer, offset, length) != length) {
            throw bad("the HTTP head does not end in one empty line");
        }
        // Plain loops here and below: each login passes through, and streams and patterns take a JVM long to warm up
        // to.
        String text = new String(buffer, offset, length - 4, StandardCharsets.ISO_8859_1);
        SortedMap<String, String> fields = new TreeMap<>();
        String startLine = line(text, 0);
        for (int at = startLine.length() + 2; at <= text.length(); ) {
            String line = line(text, at);
            addField(line, fields);
            at += line.length() + 2;
        }
        return new HttpHead(startLine, fields);
    }

    /** The line that begins at {@code start}, without its end. */
    private static String line(String text, int start) {
        int end = text.indexOf("\r\n", start);
        String line = end < 0 ? text.substring(start) : text.substring(start, end);
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c != '\t' && (c < ' ' || c == 0x7f)) {
                throw bad("the HTTP head has a control character");
            }
        }
        return line;
    }

    /** The value of the field called {@code name} in any case, or null. */
    public @Nullable String field(String name) {
        return fields.get(name.toLowerCase(Locale.ROOT));
    }

    /** The three parts of a request line: method, target, version; throws {@link ProtocolException}. */
    public String[] requestLine() {
        String[] parts = startLine.split(" ", -1);
        if (parts.length != 3 || !isToken(parts[0]) || parts[1].isEmpty() || !parts[2].startsWith("HTTP/1.")) {
            throw bad("\"" + abbreviated(startLine) + "\" is no request line of HTTP/1.1");
        }
        return parts;
    }

    /** The status code of an answer; throws {@link ProtocolException}. */
    public int status() {
        String[] parts = startLine.split(" ", 3);
        if (parts.length < 2
                || !parts[0].startsWith("HTTP/1.")
                || parts[1].length() != 3
                || !parts[1].chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw bad("\"" + abbreviated(startLine) + "\" is no status line of HTTP/1.1");
        }
        return Integer.parseInt(parts[1]);
    }

    /** The head as text, ended by the empty line. */
    static String format(String startLine, Map<String, String> fields) {
        StringBuilder text = new StringBuilder(startLine).append("\r\n");
        fields.forEach(
                (name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
        return text.append("\r\n").toString();
    }

    private static void addField(String line, SortedMap<String, String> fields) {
        int colon = line.indexOf(':');
        if (colon < 1 || !isToken(line.substring(0, colon))) {
            throw bad("\"" + abbreviated(line) + "\" is no HTTP header field");
        }
        String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
        fields.merge(name, line.substring(colon + 1).strip(), (one, more) -> one + ", " + more);
    }

    private static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!alphanumeric && TOKEN_SYMBOLS.indexOf(c) < 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static String abbreviated(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "...";
    }

    private static ProtocolException bad(String message) {
        return new ProtocolException(ProtocolException.Reason.BAD_HTTP, message);
    }
}
