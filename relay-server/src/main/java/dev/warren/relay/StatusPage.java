package dev.warren.relay;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.warren.platform.ops.OpsPage;
import dev.warren.relay.client.ConnectionStatus;
import dev.warren.relay.client.RelayContext;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The live clients and the totals as JSON, on the operators' listener: who is connected from where is for the operator
 * only, as that listener is. {@code warren relay status} reads it.
 */
final class StatusPage implements OpsPage {
    static final String PATH = "/status";
    /** Of more clients the busiest are shown, and how many are left out. */
    static final int MAX_CLIENTS = 1_000;

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final RelayContext relay;
    private final MeterRegistry registry;

    StatusPage(RelayContext relay, MeterRegistry registry) {
        this.relay = relay;
        this.registry = registry;
    }

    @Override
    public Content show() {
        List<ConnectionStatus> all = relay.clients().statuses();
        ObjectNode page = JSON.objectNode();
        page.put("relay", relay.key().publicKey().toString());
        page.put("now", System.currentTimeMillis());
        page.set("totals", totals());
        ArrayNode clients = page.putArray("clients");
        all.stream()
                .sorted(Comparator.comparingLong(StatusPage::bytes).reversed())
                .limit(MAX_CLIENTS)
                .forEach(client -> clients.add(client(client)));
        page.put("omitted", all.size() - clients.size());
        return Content.of(200, "application/json", page.toString().getBytes(StandardCharsets.UTF_8));
    }

    private ObjectNode totals() {
        ObjectNode totals = JSON.objectNode();
        totals.put("keys", relay.clients().keyCount());
        totals.put("connections", relay.clients().connectionCount());
        totals.put("duplicatedKeys", relay.clients().duplicatedKeyCount());
        totals.put("pendingLogins", relay.limits().logins().size());
        totals.set("received", traffic(sum("warren.relay.received.packets"), sum("warren.relay.received.bytes")));
        totals.set("sent", traffic(sum("warren.relay.sent.packets"), sum("warren.relay.sent.bytes")));
        Map<String, Long> drops = new TreeMap<>();
        for (Counter counter : counters("warren.relay.dropped")) {
            if (counter.count() > 0) {
                drops.merge(String.valueOf(counter.getId().getTag("reason")), (long) counter.count(), Long::sum);
            }
        }
        totals.set("drops", drops(drops));
        return totals;
    }

    private static ObjectNode client(ConnectionStatus client) {
        ObjectNode node = JSON.objectNode();
        node.put("key", client.key().toString());
        node.put("address", client.address());
        node.put("since", client.sinceUnixMillis());
        node.put("home", client.flags().home());
        node.put("duplicate", client.flags().duplicate());
        node.put("overRate", client.flags().overRate());
        node.set(
                "received",
                traffic(client.received().packets(), client.received().bytes()));
        node.set("sent", traffic(client.sent().packets(), client.sent().bytes()));
        node.put("queuedBytes", client.queuedBytes());
        Map<String, Long> drops = new TreeMap<>();
        client.drops().forEach((reason, count) -> drops.put(reason.name().toLowerCase(Locale.ROOT), count));
        node.set("drops", drops(drops));
        return node;
    }

    private static long bytes(ConnectionStatus client) {
        return client.received().bytes() + client.sent().bytes();
    }

    private static ObjectNode traffic(long packets, long bytes) {
        return JSON.objectNode().put("packets", packets).put("bytes", bytes);
    }

    private static ObjectNode drops(Map<String, Long> counts) {
        ObjectNode node = JSON.objectNode();
        counts.forEach(node::put);
        return node;
    }

    private long sum(String name) {
        return (long) counters(name).stream().mapToDouble(Counter::count).sum();
    }

    private Collection<Counter> counters(String name) {
        return registry.find(name).counters();
    }
}
