package dev.warren.loadtest.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.measure.Figure;
import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.stun.CrookedServer.Reply;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.stun.TransactionId;
import dev.warren.stun.StunConfig;
import dev.warren.stun.StunServer;
import dev.warren.stun.StunTransport;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
final class StunLoadTest {
    private static final int HELD_FROM = 1000;
    private static final int HELD_TO = 1400;

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, tailscale, 64,    0, true",
        "127.0.0.1, plain,      7,    0, false",
        "127.0.0.1, tailscale, 64, 3000, true",
        "::1,       tailscale, 64,    0, true",
        "::1,       plain,     64, 3000, false",
    })
    void shouldMeasureOurServer(String host, String form, String window, String rate, String trains) throws Exception {
        try (StunServer server = server(host)) {
            Result result = run(Map.of(
                    "target",
                    target(server),
                    "form",
                    form,
                    "window",
                    window,
                    "rate",
                    rate,
                    "trains",
                    trains,
                    "pid",
                    String.valueOf(ProcessHandle.current().pid())));
            assertTrue(value(result, "responses") > 0);
            assertEquals(0, value(result, "loss"));
            assertEquals(0, value(result, "wrong answers"));
            assertEquals(0, value(result, "duplicates"));
            assertTrue(value(result, "latency p50") > 0);
            assertTrue(value(result, "latency max") >= value(result, "latency p99"));
            assertTrue(value(result, "generator CPU per million") > 0);
            assertTrue(value(result, "server cores") >= 0);
            assertEquals(!rate.equals("0"), result.figure("schedule lag p99").isPresent());
            assertEquals(1, result.curves().size());
            assertTrue(result.timelines().getFirst().perInterval().stream().anyMatch(responses -> responses > 0));
        }
    }

    @Test
    void shouldLoadSeveralServersAtOnce() throws Exception {
        try (StunServer first = server("127.0.0.1");
                StunServer second = server("::1")) {
            Result result = run(Map.of("target", target(first) + " stun:" + target(second), "sockets", "3"));
            assertEquals(0, value(result, "loss"));
            for (StunServer server : List.of(first, second)) {
                double answered = server.registry().get("warren.stun.datagrams").functionCounters().stream()
                        .mapToDouble(counter -> counter.count())
                        .sum();
                assertTrue(answered > 0);
            }
        }
    }

    /** However much this machine has to do: what is due is sent, if late. */
    @Test
    void shouldSendAtTheRateThatWasAskedFor() throws Exception {
        try (StunServer server = server("127.0.0.1")) {
            Result result = run(Map.of("target", target(server), "rate", "2000", "duration", "500ms"));
            assertEquals(2000, value(result, "requests"), 5);
        }
    }

    @Test
    void shouldCountWhatIsLost() throws Exception {
        try (CrookedServer server =
                new CrookedServer((request, count) -> count % 10 == 9 ? List.of() : List.of(request.right()))) {
            Result result = run(Map.of("target", server.address(), "rate", "2000"));
            assertEquals(10, value(result, "loss"), 2);
            assertEquals(0, value(result, "wrong answers"));
        }
    }

    @Test
    void shouldSayThatLossLowersAClosedLoop() throws Exception {
        try (CrookedServer server =
                new CrookedServer((request, count) -> count % 50 == 9 ? List.of() : List.of(request.right()))) {
            Result result = run(Map.of("target", server.address(), "warmup", "0s"));
            assertTrue(value(result, "loss") > 0);
            assertTrue(result.notes()
                    .contains("a lost request keeps its place in the window for 1 s, so loss lowers"
                            + " the responses too"));
        }
    }

    @Test
    void shouldCountSecondAnswersApart() throws Exception {
        try (CrookedServer server = new CrookedServer((request, _) -> List.of(request.right(), request.right()))) {
            Result result = run(Map.of("target", server.address(), "window", "8"));
            assertTrue(value(result, "duplicates") > 0);
            assertEquals(0, value(result, "wrong answers"));
            assertEquals(0, value(result, "loss"));
        }
    }

    @Test
    void shouldCountWrongAnswersByReason() throws Exception {
        InetSocketAddress elsewhere = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 1);
        try (CrookedServer server = new CrookedServer((request, count) -> List.of(
                switch (count % 10) {
                    case 3 -> request.answer(request.id(), elsewhere);
                    case 5 -> request.answer(new TransactionId(1, 2), request.source());
                    case 7 -> new Reply(request.source(), new byte[] {1, 2, 3});
                    case 8 -> new Reply(request.source(), new byte[2000]);
                    default -> request.right();
                }))) {
            Result result = run(Map.of("target", server.address(), "rate", "1000"));
            assertTrue(value(result, "wrong answers") > 0);
            String notes = String.join("\n", result.notes());
            for (Wrong reason : List.of(Wrong.WRONG_ADDRESS, Wrong.UNKNOWN_ID, Wrong.NOT_STUN)) {
                assertTrue(notes.contains(" answers were wrong: " + reason.text()), notes);
            }
            assertTrue(result.unclean().stream().anyMatch(reason -> reason.endsWith(" answers were wrong")));
            // An answer without its request's id leaves that one unanswered.
            assertEquals(30, value(result, "loss"), 5);
        }
    }

    /**
     * The answers to 400 requests, which go out in 200 ms, wait for the last of them. The first is due half a second
     * after the beginning: what was due before the measuring began, late on a busy machine, does not count.
     */
    @Test
    void shouldShowAStallInTheLatencyOfTheOpenLoop() throws Exception {
        List<Reply> held = new ArrayList<>();
        try (CrookedServer server = new CrookedServer((request, count) -> {
            if (count < HELD_FROM || count > HELD_TO) {
                return List.of(request.right());
            }
            held.add(request.right());
            return count == HELD_TO ? held : List.of();
        })) {
            Result result = run(Map.of("target", server.address(), "rate", "2000", "warmup", "0s", "duration", "1s"));
            assertTrue(value(result, "latency max") >= TimeUnit.MILLISECONDS.toNanos(199), result::toString);
            assertTrue(value(result, "latency p99") >= TimeUnit.MILLISECONDS.toNanos(150), result::toString);
            assertEquals(0, value(result, "loss"));
        }
    }

    /** More than a second of answers waits: they are late, not lost. */
    @Test
    void shouldTakeBackAsLateWhatWasGivenUp() throws Exception {
        List<Reply> held = new ArrayList<>();
        try (CrookedServer server = new CrookedServer((request, count) -> {
            held.add(request.right());
            return count == 250 ? held : List.of();
        })) {
            Result result =
                    run(Map.of("target", server.address(), "rate", "200", "warmup", "0s", "duration", "1300ms"));
            assertTrue(value(result, "late (after 1 s)") >= 40, result::toString);
            assertTrue(value(result, "latency max") >= TimeUnit.MILLISECONDS.toNanos(1200), result::toString);
        }
    }

    @Test
    void shouldSayThatNothingListens() throws Exception {
        int port;
        try (DatagramSocket gone = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
            port = gone.getLocalPort();
        }
        assertEquals(
                "nothing listens on UDP 127.0.0.1:" + port + ": start the server, or check host and port",
                complaint(Map.of("target", "127.0.0.1:" + port)));
    }

    @Test
    void shouldSayThatNothingAnswers() throws Exception {
        try (DatagramSocket silent = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
            String sentence = complaint(Map.of("target", "127.0.0.1:" + silent.getLocalPort()));
            assertTrue(sentence.contains(" answered none of 64 requests: check that a STUN server listens"), sentence);
        }
    }

    @Test
    void shouldSayThatWhatAnswersIsNoStunServer() throws Exception {
        try (CrookedServer server =
                new CrookedServer((request, _) -> List.of(new Reply(request.source(), new byte[] {'h', 'i'})))) {
            assertEquals(
                    server.address() + " gives no right answer: what comes is not STUN;"
                            + " something else seems to listen there, check the port",
                    complaint(Map.of("target", server.address())));
        }
    }

    @Test
    void shouldStayOnThisMachineUnlessAllowed() {
        String sentence = complaint(Map.of("target", "192.0.2.1:3478"));
        assertTrue(sentence.startsWith("192.0.2.1 is not this machine"), sentence);
    }

    @Test
    void shouldSayThatItNeedsMoreFiles() {
        // The limit of the machine that runs this may be any; ten thousand sockets on top of a low one are too many.
        Map<String, String> many = Map.of("target", "127.0.0.1:9", "sockets", "10000", "window", "100000");
        String sentence = complaint(many);
        assertTrue(
                sentence.contains("file descriptors are needed for 10000 sockets")
                        || sentence.startsWith("nothing listens on UDP 127.0.0.1:9"),
                sentence);
    }

    @Test
    void shouldRefuseAProcessThatIsNotThere() {
        String sentence = complaint(Map.of("target", "127.0.0.1:9", "pid", String.valueOf(Integer.MAX_VALUE)));
        assertEquals("pid [2147483647] is no running process: give the server's own", sentence);
    }

    /** What was in flight is given up after a second; what goes out then meets a closed port. */
    @Test
    void shouldSayThatTheTargetWentAway() throws Exception {
        try (CrookedServer server =
                new CrookedServer((request, count) -> count == 100 ? null : List.of(request.right()))) {
            Result result = run(Map.of("target", server.address(), "window", "4", "duration", "1300ms"));
            assertTrue(
                    result.unclean().contains(server.address() + " was closed for a part of the run"),
                    () -> result.unclean().toString());
            assertTrue(result.notes().getFirst().startsWith("the network brought an error back"), result::toString);
        }
    }

    private static Result run(Map<String, String> settings) throws IOException {
        Map<String, String> all = new HashMap<>(Map.of("warmup", "100ms", "duration", "300ms"));
        all.putAll(settings);
        return new StunLoad(StunSettings.parse(all)).run(Progress.silent());
    }

    private static String complaint(Map<String, String> settings) {
        return String.valueOf(assertThrows(UserError.class, () -> run(settings)).getMessage());
    }

    private static double value(Result result, String name) {
        return result.figure(name).map(Figure::value).orElseThrow(() -> new AssertionError(name + " in " + result));
    }

    private static String target(StunServer server) {
        InetSocketAddress address = server.addresses().getFirst();
        return (address.getAddress().getAddress().length == 4 ? "127.0.0.1:" : "[::1]:") + address.getPort();
    }

    private static StunServer server(String host) {
        InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral(host), 0);
        return StunServer.start(StunConfig.of(List.of(any), StunTransport.AUTO, null));
    }
}
