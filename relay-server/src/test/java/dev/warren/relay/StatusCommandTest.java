package dev.warren.relay;

import static dev.warren.relay.TestRelay.await;
import static dev.warren.relay.TestRelay.gauge;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.warren.platform.config.Program;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.relay.limit.Limits;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator is told about the relay that runs. */
@Timeout(60)
class StatusCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter error = new StringWriter();

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    @Test
    void shouldShowWhoIsConnectedAndWhatTheyCarry() throws Exception {
        RelayServer relay = opening(TestRelay.plain(folder));
        TestClient a = opening(TestClient.connect(relay.port()));
        TestClient b = opening(TestClient.connect(relay.port()));
        TestClient twin = opening(TestClient.connect(relay.port(), b.key));
        talk(a, b, twin);
        assertEquals(0, run("status", "--json", "--ops", "127.0.0.1:" + ops(relay)));
        JsonNode status = JSON.readTree(out.toString());
        assertEquals(relay.publicKey().toString(), status.path("relay").asText());
        JsonNode totals = status.path("totals");
        assertEquals(2, totals.path("keys").asInt());
        assertEquals(3, totals.path("connections").asInt());
        assertEquals(1, totals.path("duplicatedKeys").asInt());
        assertEquals(3, totals.path("sent").path("packets").asInt());
        assertEquals(2, totals.path("drops").path("unknown_destination").asInt());
        assertEquals(3, status.path("clients").size());

        JsonNode first = client(status, a);
        assertEquals(
                "127.0.0.1:" + a.socket.getLocalPort(), first.path("address").asText());
        assertTrue(first.path("home").asBoolean());
        assertFalse(first.path("duplicate").asBoolean());
        assertEquals(5, first.path("received").path("packets").asInt());
        assertEquals(50, first.path("received").path("bytes").asInt());
        assertEquals(0, first.path("received").path("bytesPerSecond").asInt(-1));
        assertEquals(0, first.path("sent").path("packets").asInt());
        assertEquals(2, first.path("drops").path("unknown_destination").asInt());
        assertTrue(System.currentTimeMillis() - first.path("since").asLong() < 60_000);
        JsonNode second = client(status, twin);
        assertTrue(second.path("duplicate").asBoolean());
        assertEquals(30, second.path("sent").path("bytes").asInt());
        assertEquals(0, second.path("drops").size());
    }

    @Test
    void shouldPrintATableThatFitsItsLimit() throws Exception {
        RelayServer relay = opening(TestRelay.plain(folder));
        TestClient a = opening(TestClient.connect(relay.port()));
        TestClient b = opening(TestClient.connect(relay.port()));
        talk(a, b, b);
        assertEquals(0, run("status", "--limit", "1", "--ops", ":" + ops(relay)));
        String text = out.toString();
        assertTrue(text.contains("2 keys, 2 connections"), text);
        for (String line : List.of("received", "sent    ")) {
            assertTrue(
                    text.matches("(?s).*\n" + line + "  \\d+ packets, \\d+ B; now \\d+ packets/s, \\d+ B/s\n.*"), text);
        }
        assertTrue(text.contains("dropped   unknown destination 2\n"), text);
        // The busier of the two.
        assertTrue(text.contains(a.publicKey().toString().substring(0, 20)), text);
        assertTrue(text.contains("home"), text);
        assertFalse(text.contains(b.publicKey().toString().substring(0, 20)), text);
        assertTrue(text.endsWith("and 1 more, less busy\n"), text);
    }

    @Test
    void shouldShowWhatWaitsAndWhoIsOverTheRate() throws Exception {
        RelayServer relay = opening(TestRelay.plain(folder));
        TestClient a = opening(TestClient.connect(relay.port()));
        TestClient frozen = opening(TestClient.connect(relay.port()));
        frozen.reading.acquire();
        Frame large = new Frame.SendPacket(frozen.publicKey(), Payload.of(new byte[Frame.MAX_PACKET]));
        for (int i = 0; i < 300; i++) {
            a.send(large);
        }
        // What is not read when the limit comes would fill the connection, and the next write would wait for ever.
        await(
                "all came",
                () -> client(TestRelay.page(relay), a)
                                .path("received")
                                .path("packets")
                                .asLong()
                        == 300);
        relay.limits().replace(new Limits(new Limits.Rate(1, 0)));
        a.send(large, large);
        await("it waits", () -> gauge(relay, "warren.relay.client.rate.waiting") == 1);
        assertEquals(0, run("status", "--ops", ":" + ops(relay), "--json"));
        JsonNode status = JSON.readTree(out.toString());
        assertTrue(client(status, frozen).path("queuedBytes").asLong() > 1_000_000, out::toString);
        assertTrue(client(status, frozen).path("drops").size() > 0, out::toString);
        assertTrue(client(status, a).path("overRate").asBoolean());
        frozen.reading.release();
        relay.limits().replace(Limits.NONE);
        a.settled();
        await("all went out", () -> {
            long waiting = TestRelay.page(relay).path("clients").findValues("queuedBytes").stream()
                    .mapToLong(JsonNode::asLong)
                    .sum();
            return waiting == 0;
        });
        assertFalse(client(TestRelay.page(relay), a).path("overRate").asBoolean(true));
    }

    @Test
    void shouldLeaveOutTheLeastBusyOfVeryMany() throws Exception {
        RelayServer relay = opening(TestRelay.plain(folder));
        TestClient busy = opening(TestClient.connect(relay.port()));
        for (int i = 0; i < StatusPage.MAX_CLIENTS + 9; i++) {
            opening(TestClient.connect(relay.port()));
        }
        busy.send(new Frame.SendPacket(busy.publicKey(), Payload.of(new byte[10])));
        busy.next();
        JsonNode status = TestRelay.page(relay);
        assertEquals(StatusPage.MAX_CLIENTS, status.path("clients").size());
        assertEquals(10, status.path("omitted").asInt());
        assertEquals(
                busy.publicKey().toString(),
                status.path("clients").path(0).path("key").asText());
    }

    @Test
    void shouldTellTheRatesBetweenTwoLooks() throws Exception {
        String text =
                """
                {"now":%d,"totals":{"received":{"packets":%d,"bytes":%d},"sent":{"packets":0,"bytes":0}},
                 "clients":[{"key":"k","address":"a:1","received":{"packets":%d,"bytes":%d},"sent":{}},
                            {"key":"k","address":"a:%d","received":{"packets":9,"bytes":9},"sent":{}}]}""";
        ObjectNode first = (ObjectNode) JSON.readTree(text.formatted(1000, 10, 1000, 1, 100, 2));
        ObjectNode second = (ObjectNode) JSON.readTree(text.formatted(3000, 30, 5000, 7, 500, 3));
        StatusCommand.addRates(first, second);
        JsonNode totals = second.path("totals").path("received");
        assertEquals(10, totals.path("packetsPerSecond").asInt());
        assertEquals(2000, totals.path("bytesPerSecond").asInt());
        JsonNode known = second.path("clients").path(0).path("received");
        assertEquals(3, known.path("packetsPerSecond").asInt());
        assertEquals(200, known.path("bytesPerSecond").asInt());
        assertFalse(second.path("clients").path(1).path("received").has("bytesPerSecond"));
    }

    @ParameterizedTest
    @CsvSource({"0, '0 '", "999, '999 '", "1000, 1.0 k", "123456, 123 k", "99949, 99.9 k", "5000000000, 5.0 G"})
    void shouldWriteQuantitiesShort(long value, String text) {
        assertEquals(text, StatusTable.quantity(value));
    }

    @ParameterizedTest
    @CsvSource({"-1, 0 s", "59, 59 s", "60, 1 min", "3600, 1 h 0 min", "90000, 1 d 1 h"})
    void shouldWriteDurationsShort(long seconds, String text) {
        assertEquals(text, StatusTable.duration(seconds));
    }

    @Test
    void shouldNotLetAStrangerMoveTheCursor() throws Exception {
        JsonNode status = JSON.readTree(
                "{\"totals\":{},\"clients\":[{\"key\":\"\\u001b[2J\",\"address\":\"\\n\",\"drops\":{\"\\u0007\":1}}]}");
        PrintWriter writer = new PrintWriter(out);
        StatusTable.print(status, 10, writer);
        writer.flush();
        assertFalse(out.toString().contains("\u001b"), out.toString());
        assertFalse(out.toString().contains("\u0007"), out.toString());
    }

    @Test
    void shouldSayThatNoRelayRuns() {
        assertEquals(1, run("status", "--ops", "127.0.0.1:1"));
        assertOneSentence("no relay answers on 127.0.0.1:1: start one, or say with --ops where");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"404; no", "200; no", "200; {}", "200; []", "200; {\"clients\":[]}"})
    void shouldSayThatSomethingElseAnswers(int code, String body) throws Exception {
        HttpServer other = HttpServer.create(TestRelay.loopback(0), 0);
        other.createContext("/", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(code, body.length());
                exchange.getResponseBody().write(body.getBytes(StandardCharsets.US_ASCII));
            }
        });
        other.start();
        opened.add(() -> other.stop(0));
        assertEquals(1, run("status", "--ops", ":" + other.getAddress().getPort()));
        assertOneSentence("is no relay");
    }

    @Test
    void shouldRefuseATableOfNothing() {
        assertEquals(1, run("status", "--limit", "0"));
        assertOneSentence("--limit 0 shows nothing");
    }

    private static void talk(TestClient from, TestClient to, TestClient hears) throws Exception {
        Payload packet = Payload.of(new byte[10]);
        Frame nobody =
                new Frame.SendPacket(NodePrivateKey.generate(new SecureRandom()).publicKey(), packet);
        from.send(new Frame.NotePreferred(true), nobody, nobody);
        for (int i = 0; i < 3; i++) {
            from.send(new Frame.SendPacket(to.publicKey(), packet));
            assertEquals(new Frame.RecvPacket(from.publicKey(), packet), hears.next());
        }
    }

    private static JsonNode client(JsonNode status, TestClient client) {
        String address = "127.0.0.1:" + client.socket.getLocalPort();
        for (JsonNode each : status.path("clients")) {
            if (each.path("address").asText().equals(address)
                    && each.path("key").asText().equals(client.publicKey().toString())) {
                return each;
            }
        }
        throw new AssertionError(address + " is not in " + status);
    }

    private static int ops(RelayServer relay) {
        return relay.opsPort().orElseThrow();
    }

    private int run(String... arguments) {
        return new Program(Map.of(), new PrintWriter(out), new PrintWriter(error)).run(new RelayMain(), arguments);
    }

    private void assertOneSentence(String part) {
        String text = error.toString();
        assertTrue(text.contains(part), text);
        assertEquals(1, text.strip().lines().count(), text);
    }

    private <T extends AutoCloseable> T opening(T made) {
        opened.add(made);
        return made;
    }
}
