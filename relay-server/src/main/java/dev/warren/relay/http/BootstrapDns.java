package dev.warren.relay.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.warren.relay.client.RelayMetrics;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses of a few names, for clients that can reach a relay but no DNS server (derper's {@code /bootstrap-dns}).
 * A thread of its own, which ends with it, looks the names up every ten minutes; requests are answered from memory. A
 * name that cannot be looked up keeps the addresses that it had.
 */
public final class BootstrapDns implements AutoCloseable {
    /** Looks a name up; blocks. */
    @FunctionalInterface
    interface Resolver {
        InetAddress[] resolve(String name) throws UnknownHostException;
    }

    /** The answer when no names are offered: clients cannot read an empty one. */
    static final String NO_NAMES = "{}";

    /** The most names. */
    public static final int MAX_NAMES = 100;

    private static final Logger LOG = LoggerFactory.getLogger(BootstrapDns.class);
    // Implementation: derper's period.
    private static final Duration PERIOD = Duration.ofMinutes(10);
    private static final int MAX_ADDRESSES = 32;
    private static final Duration MAX_GOODBYE = Duration.ofSeconds(1);

    /** What is answered: to everybody, and to who asks for one name. */
    private record Answers(String all, Map<String, String> byName) {}

    private final List<String> names;
    private final Resolver resolver;
    private final Duration period;
    private final RelayMetrics metrics;
    private final Thread thread;
    /** Owned by the thread. */
    private final SortedMap<String, List<String>> known = new TreeMap<>();

    private volatile Answers answers = new Answers(NO_NAMES, Map.of());

    private BootstrapDns(List<String> names, Resolver resolver, Duration period, RelayMetrics metrics) {
        this.names = names.stream().map(BootstrapDns::canonical).distinct().toList();
        this.resolver = resolver;
        this.period = period;
        this.metrics = metrics;
        this.thread = Thread.ofPlatform().name("relay-bootstrap-dns").daemon().unstarted(this::run);
    }

    /** Looks {@code names} up by the machine's resolver, from now on. */
    public static BootstrapDns start(List<String> names, RelayMetrics metrics) {
        return start(names, InetAddress::getAllByName, PERIOD, metrics);
    }

    static BootstrapDns start(List<String> names, Resolver resolver, Duration period, RelayMetrics metrics) {
        BootstrapDns dns = new BootstrapDns(names, resolver, period, metrics);
        dns.thread.start();
        return dns;
    }

    /** JSON, name to list of addresses: of {@code name} when it is one of the names, else of all. */
    String answer(String name) {
        Answers now = answers;
        return now.byName().getOrDefault(canonical(name), now.all());
    }

    private void run() {
        try {
            while (true) {
                for (String name : names) {
                    refresh(name);
                }
                answers = format();
                Thread.sleep(period);
            }
        } catch (InterruptedException closed) {
            LOG.debug("no more names are looked up");
        }
    }

    private void refresh(String name) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        try {
            List<String> addresses = new ArrayList<>();
            for (InetAddress address : resolver.resolve(name)) {
                addresses.add(address.getHostAddress());
            }
            // So that not all clients take the same one, or the same family.
            Collections.shuffle(addresses);
            known.put(name, addresses.subList(0, Math.min(addresses.size(), MAX_ADDRESSES)));
            metrics.resolved(true);
        } catch (UnknownHostException failed) {
            metrics.resolved(false);
            LOG.warn("{} of --bootstrap-dns-names cannot be looked up; what was known before stays", name);
        }
    }

    private Answers format() {
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        Map<String, String> byName = new HashMap<>();
        known.forEach((name, addresses) -> {
            ArrayNode list = JsonNodeFactory.instance.arrayNode();
            addresses.forEach(list::add);
            all.set(name, list);
            byName.put(
                    name, JsonNodeFactory.instance.objectNode().set(name, list).toString());
        });
        return new Answers(all.toString(), Map.copyOf(byName));
    }

    private static String canonical(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    /** Ends the thread. One that waits for the machine's resolver cannot be stopped, and ends after its answer. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            if (!thread.join(MAX_GOODBYE)) {
                LOG.debug("a name is still being looked up");
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
