package dev.warren.protocol.portmap;

import dev.warren.protocol.portmap.SsdpMessage.Answer;
import dev.warren.protocol.portmap.SsdpMessage.Search;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * SSDP: HTTP heads in UDP datagrams (UPnP Device Architecture 1.1 sections 1.3.2 and 1.3.3).
 *
 * <p>What is tolerated, since routers differ: lines that end in LF alone, no empty line at the end, field names in any
 * case, unknown fields, lines without a colon. Of a field that repeats the first counts. An answer must have the status
 * 200 and an ST; a search must be for {@code "ssdp:discover"}. More than 2 KiB, or control characters in a field of
 * ours, is not understood.
 */
public final class SsdpCodec {
    /** Devices listen here, and on a multicast address (UPnP Device Architecture 1.1 section 1). */
    public static final int PORT = 1900;
    /** The multicast address for IPv4. */
    public static final String MULTICAST = "239.255.255.250";

    private static final int MAX_LENGTH = 2048;
    private static final String SEARCH_LINE = "M-SEARCH * HTTP/1.1";
    private static final String ANSWER_LINE = "HTTP/1.1 200 OK";
    private static final String DISCOVER = "\"ssdp:discover\"";
    private static final String END = "\r\n";

    private SsdpCodec() {}

    /** Bytes that {@link #encode} writes. */
    public static int encodedLength(SsdpMessage message) {
        return text(message).length();
    }

    /** Writes {@code message} at {@code offset}; returns its length. */
    public static int encode(SsdpMessage message, byte[] target, int offset) {
        byte[] bytes = text(message).getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, target, offset, bytes.length);
        return bytes.length;
    }

    /** The message in the {@code length} bytes at {@code offset}; null when they are none. */
    public static @Nullable SsdpMessage decode(byte[] source, int offset, int length) {
        if (length > MAX_LENGTH) {
            return null;
        }
        String text = new String(source, offset, length, StandardCharsets.ISO_8859_1);
        String[] lines = text.split("\r?\n", -1);
        Map<String, String> fields = fields(lines);
        String target = fields.getOrDefault("st", "");
        if (target.isEmpty() || !fields.values().stream().allMatch(SsdpMessage::isText)) {
            return null;
        }
        if (lines[0].strip().equals(SEARCH_LINE)) {
            return search(fields, target);
        }
        return isSuccess(lines[0])
                ? new Answer(
                        target,
                        fields.getOrDefault("usn", ""),
                        fields.getOrDefault("location", ""),
                        fields.getOrDefault("server", ""))
                : null;
    }

    private static String text(SsdpMessage message) {
        StringBuilder text = new StringBuilder();
        switch (message) {
            case Search(String host, String target, int maxWaitSeconds) -> {
                text.append(SEARCH_LINE).append(END);
                field(text, "HOST", host);
                field(text, "MAN", DISCOVER);
                field(text, "MX", maxWaitSeconds == 0 ? "" : Integer.toString(maxWaitSeconds));
                field(text, "ST", target);
            }
            case Answer(String target, String name, String location, String server) -> {
                text.append(ANSWER_LINE).append(END).append("EXT:").append(END);
                field(text, "ST", target);
                field(text, "USN", name);
                field(text, "LOCATION", location);
                field(text, "SERVER", server);
            }
        }
        return text.append(END).toString();
    }

    private static void field(StringBuilder text, String name, String value) {
        if (!value.isEmpty()) {
            text.append(name).append(": ").append(value).append(END);
        }
    }

    /** The fields that are looked at, by lower-case name; the first line is the start line. */
    private static Map<String, String> fields(String[] lines) {
        Map<String, String> fields = new HashMap<>();
        for (int i = 1; i < lines.length && !lines[i].isEmpty(); i++) {
            int colon = lines[i].indexOf(':');
            String name = colon < 0 ? "" : lines[i].substring(0, colon).strip().toLowerCase(Locale.ROOT);
            switch (name) {
                case "st", "usn", "location", "server", "host", "man", "mx" ->
                    fields.putIfAbsent(name, lines[i].substring(colon + 1).strip());
                default -> {
                    // Not for us.
                }
            }
        }
        return fields;
    }

    private static @Nullable Search search(Map<String, String> fields, String target) {
        String wait = fields.getOrDefault("mx", "0");
        boolean known = DISCOVER.equals(fields.get("man")) && wait.matches("[0-5]");
        return known ? new Search(fields.getOrDefault("host", ""), target, Integer.parseInt(wait)) : null;
    }

    private static boolean isSuccess(String line) {
        return line.matches("HTTP/1\\.[01] +200( .*)?");
    }
}
