package dev.warren.relay;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.warren.platform.config.HostPort;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code warren relay status}: asks the relay that runs here, twice with a second between, for the rates. */
@Command(name = "status", description = "Shows who is connected to the relay that runs here, and what it carries.")
final class StatusCommand implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration BETWEEN = Duration.ofSeconds(1);
    private static final double MILLIS_PER_SECOND = 1000;
    private static final int OK = 200;

    @Option(
            names = "--ops",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:9443",
            description = "Where the relay's --ops-listen is.")
    private HostPort ops = new HostPort("127.0.0.1", 0);

    @Option(names = "--json", description = "Prints everything as JSON.")
    private boolean json;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "How many clients the table shows, the busiest first.")
    private int limit = 50;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    StatusCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        if (limit < 1) {
            throw new UserError("--limit " + limit + " shows nothing: give 1 or more");
        }
        ObjectNode first = ask();
        Thread.sleep(BETWEEN);
        ObjectNode second = ask();
        addRates(first, second);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(second.toPrettyString());
        } else {
            StatusTable.print(second, limit, out);
        }
        out.flush();
        return 0;
    }

    private ObjectNode ask() throws InterruptedException {
        String host = ops.host().isEmpty() ? "127.0.0.1" : ops.host();
        HostPort where = new HostPort(host, ops.port());
        try (HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + where + StatusPage.PATH))
                    .timeout(TIMEOUT)
                    .build();
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() == OK
                    && new ObjectMapper().readTree(answer.body()) instanceof ObjectNode page
                    && page.has("clients")
                    && page.has("totals")) {
                return page;
            }
        } catch (JsonProcessingException notJson) {
            // Said below, as for any other page that is not a relay's.
        } catch (IOException nobody) {
            throw new UserError(
                    "no relay answers on " + where + ": start one, or say with --ops where its --ops-listen is",
                    nobody);
        }
        throw new UserError("what answers on " + where + " is no relay: say with --ops where its --ops-listen is");
    }

    /** Gives the totals and each client that is in both samples its bytes and packets a second. */
    static void addRates(ObjectNode first, ObjectNode second) {
        double seconds = (second.path("now").asLong() - first.path("now").asLong()) / MILLIS_PER_SECOND;
        if (seconds <= 0) {
            return;
        }
        addRates(first.path("totals"), second.path("totals"), seconds);
        Map<String, JsonNode> before = new HashMap<>();
        first.path("clients").forEach(client -> before.put(identity(client), client));
        for (JsonNode client : second.path("clients")) {
            JsonNode earlier = before.get(identity(client));
            if (earlier != null) {
                addRates(earlier, client, seconds);
            }
        }
    }

    private static void addRates(JsonNode earlier, JsonNode later, double seconds) {
        for (String way : new String[] {"received", "sent"}) {
            if (later.path(way) instanceof ObjectNode traffic) {
                for (String unit : new String[] {"packets", "bytes"}) {
                    long count = traffic.path(unit).asLong()
                            - earlier.path(way).path(unit).asLong();
                    traffic.put(unit + "PerSecond", Math.round(count / seconds));
                }
            }
        }
    }

    /** A client may have several connections, but not several from one port. */
    private static String identity(JsonNode client) {
        return client.path("key").asText() + " " + client.path("address").asText();
    }
}
