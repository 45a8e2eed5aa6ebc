package dev.warren.loadtest.tunnel;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;

/**
 * What {@code ping} printed.
 *
 * @param sent how many requests it sent
 * @param late how many of the last ones had no answer when it ended. It waits for them no longer than for twice the slowest
 *     round trip so far, which says nothing of whether they were lost; 0 when nothing was answered at all
 * @param nanos the round trips of those that were answered, in the order of the answers
 */
public record PingReport(int sent, int late, List<Long> nanos) {
    private static final Pattern ANSWER = Pattern.compile("bytes from .* icmp_seq=(\\d+) .* time=([0-9.]+) ms(.*)");
    private static final Pattern SUMMARY = Pattern.compile("(\\d+) packets transmitted, (\\d+) received");
    /** The numbers of requests are of 16 bits and begin anew. */
    private static final int SEQUENCES = 0xffff;

    private static final double NANOS_PER_MILLI = 1e6;
    private static final long LONGEST_NANOS = 60_000_000_000L;

    /** Keeps a copy of the list. */
    public PingReport {
        nanos = List.copyOf(nanos);
    }

    /** Reads the lines of iputils' ping, one for each answer, and its summary. */
    public static PingReport parse(String output) throws IOException {
        List<Long> nanos = new ArrayList<>();
        int sent = -1;
        int last = -1;
        for (String line : output.lines().toList()) {
            Matcher answer = ANSWER.matcher(line);
            if (answer.find() && !answer.group(3).contains("DUP")) {
                last = Integer.parseInt(answer.group(1));
                nanos.add(Math.round(Double.parseDouble(answer.group(2)) * NANOS_PER_MILLI));
            }
            Matcher summary = SUMMARY.matcher(line);
            if (summary.find()) {
                sent = Integer.parseInt(summary.group(1));
            }
        }
        if (sent < 0) {
            throw new IOException("ping ended without a summary: " + output.strip());
        }
        return new PingReport(sent, last < 0 ? 0 : (sent - last) & SEQUENCES, nanos);
    }

    /** Requests without an answer, though a later one had one. */
    public int lost() {
        return Math.max(0, sent - late - nanos.size());
    }

    /** The round trips; none is counted as longer than a minute. */
    public Histogram histogram() {
        Histogram histogram = new Histogram(LONGEST_NANOS, 3);
        nanos.forEach(value -> histogram.recordValue(Math.min(LONGEST_NANOS, value)));
        return histogram;
    }
}
