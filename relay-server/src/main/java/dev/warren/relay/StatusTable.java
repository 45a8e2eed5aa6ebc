package dev.warren.relay;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The relay's status for a terminal. */
final class StatusTable {
    private static final String[] PREFIXES = {"", "k", "M", "G", "T"};
    private static final long THOUSAND = 1000;
    private static final long SECONDS_PER_MINUTE = 60;
    private static final long SECONDS_PER_HOUR = 3600;
    private static final long SECONDS_PER_DAY = 86_400;
    /** Tells keys apart at a glance; `--json` has the whole ones. */
    private static final int KEY_CHARACTERS = "nodekey:".length() + 12;

    private static final List<String> HEADING =
            List.of("KEY", "ADDRESS", "FOR", "FROM IT", "TO IT", "QUEUED", "DROPS", "");

    private StatusTable() {}

    /** Prints the totals, and at most {@code limit} clients. */
    static void print(JsonNode status, int limit, PrintWriter out) {
        printTotals(status, out);
        JsonNode clients = status.path("clients");
        if (clients.isEmpty()) {
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADING);
        for (JsonNode client : clients) {
            if (rows.size() <= limit) {
                rows.add(row(client, status.path("now").asLong()));
            }
        }
        out.println();
        printAligned(rows, out);
        long more = clients.size() - (rows.size() - 1) + status.path("omitted").asLong();
        if (more > 0) {
            out.println("and " + more + " more, less busy");
        }
    }

    private static void printTotals(JsonNode status, PrintWriter out) {
        JsonNode totals = status.path("totals");
        out.println("relay     " + status.path("relay").asText());
        out.println("clients   " + totals.path("keys").asLong() + " keys, "
                + totals.path("connections").asLong() + " connections; "
                + totals.path("duplicatedKeys").asLong() + " keys with several, "
                + totals.path("pendingLogins").asLong() + " connections not logged in");
        out.println("received  " + traffic(totals.path("received")));
        out.println("sent      " + traffic(totals.path("sent")));
        out.println("dropped   " + (totals.path("drops").isEmpty() ? "nothing" : drops(totals.path("drops"))));
    }

    private static String traffic(JsonNode traffic) {
        return count(traffic.path("packets").asLong()) + " packets, "
                + quantity(traffic.path("bytes").asLong()) + "B; now "
                + count(traffic.path("packetsPerSecond").asLong()) + " packets/s, "
                + rate(traffic);
    }

    private static List<String> row(JsonNode client, long nowMillis) {
        String key = client.path("key").asText();
        List<String> notes = new ArrayList<>();
        for (String flag : List.of("home", "duplicate", "overRate")) {
            if (client.path(flag).asBoolean()) {
                notes.add(flag.equals("overRate") ? "over its rate" : flag);
            }
        }
        return List.of(
                printable(key.substring(0, Math.min(KEY_CHARACTERS, key.length()))),
                printable(client.path("address").asText()),
                duration((nowMillis - client.path("since").asLong()) / THOUSAND),
                rate(client.path("received")),
                rate(client.path("sent")),
                quantity(client.path("queuedBytes").asLong()) + "B",
                client.path("drops").isEmpty() ? "-" : drops(client.path("drops")),
                String.join(", ", notes));
    }

    private static String rate(JsonNode traffic) {
        return quantity(traffic.path("bytesPerSecond").asLong()) + "B/s";
    }

    private static String drops(JsonNode drops) {
        List<String> parts = new ArrayList<>();
        drops.properties()
                .forEach(reason -> parts.add(printable(reason.getKey()).replace('_', ' ') + " "
                        + count(reason.getValue().asLong())));
        return String.join(", ", parts);
    }

    /** Three digits or so and a decimal prefix, such as {@code 12.3 M}; the unit follows. */
    static String quantity(long value) {
        if (value < THOUSAND) {
            return value + " ";
        }
        int step = 0;
        double rest = value;
        while (rest >= THOUSAND && step < PREFIXES.length - 1) {
            rest /= THOUSAND;
            step++;
        }
        return String.format(Locale.ROOT, rest < 100 ? "%.1f %s" : "%.0f %s", rest, PREFIXES[step]);
    }

    /** A quantity of what has no unit. */
    private static String count(long value) {
        return quantity(value).stripTrailing();
    }

    /** The two largest units, such as {@code 3 h 12 min}. */
    static String duration(long seconds) {
        if (seconds < SECONDS_PER_MINUTE) {
            return Math.max(0, seconds) + " s";
        }
        if (seconds < SECONDS_PER_HOUR) {
            return seconds / SECONDS_PER_MINUTE + " min";
        }
        if (seconds < SECONDS_PER_DAY) {
            return seconds / SECONDS_PER_HOUR + " h " + seconds % SECONDS_PER_HOUR / SECONDS_PER_MINUTE + " min";
        }
        return seconds / SECONDS_PER_DAY + " d " + seconds % SECONDS_PER_DAY / SECONDS_PER_HOUR + " h";
    }

    /** Whatever a relay that is none may have sent, without what would move a terminal's cursor. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    private static void printAligned(List<List<String>> rows, PrintWriter out) {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length() + 2);
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
