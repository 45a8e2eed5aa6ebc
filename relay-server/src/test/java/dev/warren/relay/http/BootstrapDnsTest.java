package dev.warren.relay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.warren.platform.ops.Metrics;
import dev.warren.relay.client.RelayMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BootstrapDnsTest {
    private static final Duration NEVER = Duration.ofHours(1);
    private static final Duration AT_ONCE = Duration.ofMillis(1);

    private final MeterRegistry registry = Metrics.registry();
    private final RelayMetrics metrics = new RelayMetrics(registry);

    @Test
    void shouldGiveAllNamesOrTheOneThatIsAskedFor() throws Exception {
        BootstrapDns.Resolver resolver = name -> switch (name) {
            case "a.example" -> addresses("192.0.2.1", "2001:db8::1");
            case "b.example" -> addresses("192.0.2.2");
            default -> throw new UnknownHostException(name);
        };
        try (BootstrapDns dns = BootstrapDns.start(List.of("A.example.", "b.example"), resolver, NEVER, metrics)) {
            await(() -> !dns.answer("").equals("{}"));
            JsonNode all = json(dns.answer(""));
            assertEquals(Set.of("a.example", "b.example"), names(all));
            assertEquals(Set.of("192.0.2.1", "2001:db8:0:0:0:0:0:1"), values(all.get("a.example")));
            assertEquals("{\"b.example\":[\"192.0.2.2\"]}", dns.answer("B.example."));
            assertEquals(dns.answer(""), dns.answer("c.example"));
        }
    }

    @Test
    void shouldKeepWhatItKnewWhenAResolverFails() throws Exception {
        // Each look-up takes what the test hands over; an empty text stands for a failure.
        SynchronousQueue<String> answers = new SynchronousQueue<>();
        BootstrapDns.Resolver resolver = name -> {
            try {
                String address = answers.take();
                if (address.isEmpty()) {
                    throw new UnknownHostException(name);
                }
                return addresses(address);
            } catch (InterruptedException closed) {
                Thread.currentThread().interrupt();
                throw new UnknownHostException(name);
            }
        };
        try (BootstrapDns dns = BootstrapDns.start(List.of("a.example"), resolver, AT_ONCE, metrics)) {
            assertEquals("{}", dns.answer(""));
            hand(answers, "192.0.2.1");
            hand(answers, "");
            // That the next look-up begins says that the failed one is over.
            hand(answers, "");
            assertEquals("{\"a.example\":[\"192.0.2.1\"]}", dns.answer(""));
            hand(answers, "192.0.2.7");
            hand(answers, "");
            assertEquals("{\"a.example\":[\"192.0.2.7\"]}", dns.answer("a.example"));
        }
        assertTrue(count("failed") >= 2);
        assertEquals(2, count("found"));
    }

    @Test
    void shouldBoundWhatOneNameMayHave() throws Exception {
        String[] many = new String[500];
        for (int i = 0; i < many.length; i++) {
            many[i] = "10.0." + i / 250 + "." + i % 250;
        }
        try (BootstrapDns dns = BootstrapDns.start(List.of("a.example"), _ -> addresses(many), NEVER, metrics)) {
            await(() -> !dns.answer("").equals("{}"));
            assertEquals(32, json(dns.answer("")).get("a.example").size());
        }
    }

    @Test
    void shouldEndItsThread() throws Exception {
        BootstrapDns dns = BootstrapDns.start(List.of("a.example"), _ -> addresses("192.0.2.1"), NEVER, metrics);
        await(() -> !dns.answer("").equals("{}"));
        dns.close();
        assertFalse(Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("relay-bootstrap-dns")));
    }

    private double count(String result) {
        return registry.get("warren.relay.bootstrap.dns.lookups")
                .tag("result", result)
                .counter()
                .count();
    }

    private static void hand(SynchronousQueue<String> answers, String address) throws InterruptedException {
        assertTrue(answers.offer(address, 10, TimeUnit.SECONDS));
    }

    private static InetAddress[] addresses(String... literals) {
        InetAddress[] addresses = new InetAddress[literals.length];
        for (int i = 0; i < literals.length; i++) {
            addresses[i] = InetAddress.ofLiteral(literals[i]);
        }
        return addresses;
    }

    private static JsonNode json(String text) throws Exception {
        return new ObjectMapper().readTree(text);
    }

    private static Set<String> names(JsonNode object) {
        Set<String> names = new TreeSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static Set<String> values(JsonNode list) {
        Set<String> values = new TreeSet<>();
        list.forEach(value -> values.add(value.asText()));
        return values;
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "not in time");
            Thread.onSpinWait();
        }
    }
}
