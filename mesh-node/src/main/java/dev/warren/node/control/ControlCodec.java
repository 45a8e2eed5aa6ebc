package dev.warren.node.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The local socket's lines: one JSON object each, UTF-8, ended by a line feed. */
public final class ControlCodec {
    /** Bytes in the longest request line; a longer one is refused. */
    static final int MAX_REQUEST_BYTES = 4096;
    /** Bytes in the longest reply line: a status of 10,000 peers. */
    static final int MAX_REPLY_BYTES = 8 << 20;

    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private ControlCodec() {}

    static byte[] encode(Object message) {
        try {
            byte[] json = JSON.writeValueAsBytes(message);
            byte[] line = new byte[json.length + 1];
            System.arraycopy(json, 0, line, 0, json.length);
            line[json.length] = '\n';
            return line;
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a control message has no JSON form", impossible);
        }
    }

    static ControlRequest decodeRequest(String line) throws IOException {
        return decode(line, ControlRequest.class);
    }

    static ControlReply decodeReply(String line) throws IOException {
        return decode(line, ControlReply.class);
    }

    /** A record as commands print it with {@code --json}, indented. */
    public static String pretty(Record report) {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(report);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a report has no JSON form", impossible);
        }
    }

    /** The next line without its line feed, or null at the end; IOException when it is over {@code maxBytes}. */
    static @Nullable String readLine(InputStream in, int maxBytes) throws IOException {
        java.io.ByteArrayOutputStream line = new java.io.ByteArrayOutputStream(256);
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                return null;
            }
            if (line.size() == maxBytes) {
                throw new IOException("a line is longer than " + maxBytes + " bytes");
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    private static <T> T decode(String line, Class<T> type) throws IOException {
        T message = JSON.readValue(line, type);
        if (message == null) {
            throw new IOException("a JSON null is no message");
        }
        return message;
    }
}
