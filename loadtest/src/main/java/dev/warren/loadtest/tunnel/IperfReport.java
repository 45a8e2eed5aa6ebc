package dev.warren.loadtest.tunnel;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a client of iperf3 says at its end ({@code -J}).
 *
 * @param receivedBytes payload that arrived
 * @param seconds for which the receiver counted
 * @param sentPackets datagrams sent; 0 for TCP
 * @param retransmits TCP segments that the sender sent again; 0 where it was not asked to count them
 * @param bitsPerInterval what the client counted, second by second
 */
public record IperfReport(
        long receivedBytes, double seconds, long sentPackets, long retransmits, List<Double> bitsPerInterval) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Keeps a copy of the list. */
    public IperfReport {
        bitsPerInterval = List.copyOf(bitsPerInterval);
    }

    /** Reads the JSON; the IOException carries iperf3's own word when it failed. */
    public static IperfReport parse(String text) throws IOException {
        JsonNode root = read(text);
        String error = root.path("error").asText("");
        if (!error.isEmpty()) {
            throw new IOException("iperf3 failed: " + error);
        }
        JsonNode received = root.path("end").path("sum_received");
        if (received.path("seconds").asDouble(0) <= 0) {
            throw new IOException("iperf3 reports nothing that was received");
        }
        List<Double> intervals = new ArrayList<>();
        root.path("intervals")
                .forEach(interval -> intervals.add(
                        interval.path("sum").path("bits_per_second").asDouble()));
        return new IperfReport(
                received.path("bytes").asLong(),
                received.path("seconds").asDouble(),
                root.path("end").path("sum_sent").path("packets").asLong(0),
                root.path("end").path("sum_sent").path("retransmits").asLong(0),
                intervals);
    }

    /** What arrived, over the time in which it did. */
    public double bitsPerSecond() {
        return receivedBytes * 8 / seconds;
    }

    /** How many datagrams of {@code size} bytes did not arrive. */
    long lost(int size) {
        return Math.max(0, sentPackets - receivedBytes / size);
    }

    private static JsonNode read(String text) throws IOException {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException noJson) {
            throw new IOException("iperf3 ended without a report: " + firstLine(text), noJson);
        }
    }

    private static String firstLine(String text) {
        return text.strip().lines().findFirst().orElse("it said nothing");
    }
}
