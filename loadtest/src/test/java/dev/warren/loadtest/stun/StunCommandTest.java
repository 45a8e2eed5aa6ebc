package dev.warren.loadtest.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.measure.Report;
import dev.warren.loadtest.report.ReportJson;
import dev.warren.platform.config.Program;
import dev.warren.platform.linux.NetworkNamespace;
import dev.warren.protocol.testing.Requirements;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class StunCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter error = new StringWriter();

    @Test
    void shouldShowWhatTheGeneratorCanDoAlone(@TempDir Path folder) throws Exception {
        Path json = folder.resolve("stun.json");
        assertEquals(
                0,
                run("--self-check", "--warmup", "100ms", "--duration", "300ms", "--json", json.toString()),
                error::toString);
        assertTrue(out.toString().contains("generator ceiling"), out::toString);
        Report report = ReportJson.read("stun.json", Files.readString(json));
        assertEquals("stun", report.results().getFirst().kind());
        assertTrue(report.command().endsWith("stun --self-check --warmup 100ms --duration 300ms --json " + json));
    }

    @Test
    void shouldLoadATarget() throws Exception {
        try (EchoResponder responder = EchoResponder.start()) {
            String target = "127.0.0.1:" + responder.address().getPort();
            assertEquals(0, run("--target", target, "--warmup", "0s", "--duration", "200ms"), error::toString);
            assertTrue(out.toString().contains(target), out::toString);
        }
    }

    @Test
    void shouldEndWithOneSentence() {
        assertEquals(1, run());
        assertEquals(
                "warren stun: a target is missing; give the server's address as --target HOST:PORT\n",
                error.toString());
    }

    @Test
    void shouldNotCheckItselfAgainstATarget() {
        assertEquals(1, run("--self-check", "--target", "127.0.0.1:3478"));
        assertEquals("warren stun: --self-check brings its own responder; leave --target out\n", error.toString());
    }

    @Test
    void shouldNameAHostThatIsUnknown() {
        // RFC 6761 section 6.4: nothing under "invalid" ever has one.
        assertEquals(1, run("--target", "nowhere.invalid:3478"));
        assertEquals(
                "warren stun: the host \"nowhere.invalid\" is unknown: check its spelling and this machine's DNS\n",
                error.toString());
    }

    @Test
    void shouldSayWhenIpv6IsMissing() throws Exception {
        Requirements.root();
        // A new namespace has not even a loopback interface that is up.
        try (NetworkNamespace namespace = NetworkNamespace.create()) {
            assertEquals(1, namespace.call(() -> run("--target", "[::1]:3478")));
        }
        assertTrue(
                error.toString()
                        .startsWith("warren stun: [0:0:0:0:0:0:0:1]:3478 cannot be reached: IPv6 is not available here,"
                                + " or has no route to it (EADDRNOTAVAIL, "),
                error::toString);
    }

    @Test
    void shouldHaveTheDefaultsOfTheSettings() {
        assertEquals(0, run("--print-config"));
        StunSettings.DEFAULTS.forEach((name, value) -> {
            if (!value.isEmpty() && !value.equals("true")) {
                assertTrue(out.toString().contains("\n" + name + ": " + value + " "), name + " in " + out);
            }
        });
    }

    private int run(String... arguments) {
        return new Program(Map.of(), new PrintWriter(out, true), new PrintWriter(error, true))
                .run(new StunCommand(), arguments);
    }
}
