package dev.warren.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.Durations;
import dev.warren.platform.config.HostPort;
import dev.warren.platform.config.Program;
import dev.warren.platform.config.SecretFile;
import dev.warren.platform.config.UserError;
import dev.warren.platform.tls.SelfSignedCertificate;
import dev.warren.protocol.coordination.JoinToken;
import dev.warren.protocol.coordination.MeshId;
import dev.warren.protocol.derp.DerpMapCodec;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.RelaySpec;
import dev.warren.protocol.key.MeshKey;
import dev.warren.protocol.udprelay.UdpRelayLimits;
import dev.warren.relay.admission.AdmissionConfig;
import dev.warren.relay.client.RelayContext;
import dev.warren.relay.udp.UdpRelayConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command line, the files, and what an operator reads. */
@Timeout(30)
class RelayMainTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter error = new StringWriter();

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--plaintext --tls-cert c.pem; exclude each other",
                "--plaintext --tls-key k.pem; exclude each other",
                "--tls-cert c.pem; belong together",
                "--tls-key k.pem; belong together",
                "--region 0; is no region",
                "--region -7; is no region",
                "--region 65536; --region 65536 is no region: give a number from 1 to 65535, 900 to 999 for your own",
                "--region-code Fra; the region code \"Fra\" must be 1 to 32 lower-case letters",
                "--map-stun-port 65536; --map-stun-port 65536 is no port",
                "--map-address 192.0.2.1,192.0.2.2; has two addresses of one kind",
                "--map-address relay.example; \"relay.example\" is no IP address",
                "--coordinator-token-file t; needs --hostname",
                "--hostname a --coordinator-token-file nowhere.token; nowhere.token does not exist",
                "--verify-pin sha256-raw:00; is about --verify-url",
                "--acme https://h/d --hostname a.example; needs --http-listen",
                "--acme https://h/d --http-listen :0; needs --hostname",
                "--acme http://h/d --hostname a.example --http-listen :0; must start with https://",
                "--acme https://h/d --hostname a --http-listen :0 --tls-cert c.pem; exclude each other",
                "--acme https://h/d --plaintext; exclude each other",
                "--acme-email a@b; are about --acme",
                "--verify-fail-open; is about --verify-url",
                "--verify-url https://h/x --verify-memory 1s; is shorter than --verify-memory-no 3s",
                "--verify-url ftp://h/x; must start with https://",
                "--verify-url https:///x; must start with https://",
                "--verify-url https://h/x --verify-pin 00; must start with sha256-raw:",
                "--verify-url https://h/x --verify-pin sha256-raw:00; 64 hex digits",
                "--admit-all --verify-url https://h/x; leave one out",
                "--drain-seconds -1; --drain-seconds -1 is no time",
                "--accept-limit -1; --accept-limit -1 is no number of connections",
                "--key-rate -2; --key-rate -2 is no number of connections",
                "--login-limit -3; --login-limit -3 is no number of connections",
                "--client-rate -1; --client-rate -1 is no rate",
                "--client-rate 1 --client-burst -1; --client-burst -1 is no burst",
                "--client-burst 100000; is about --client-rate",
                "--home ftp://h/x; --home: \"ftp://h/x\" is neither",
                "--home %; --home: ",
                "--plaintext --http-listen :0; leave one out",
                "--bootstrap-dns-names a.example,b/c; \"b/c\" is no DNS name",
                "--mesh-with h:1; needs --mesh-key-file",
                "--mesh-key-file k --mesh-with h; has no port",
                "--gather-micros -1; --gather-micros -1 must be from 0 to 10000",
                "--plaintext --mesh-key-file nowhere.key; nowhere.key does not exist",
                "--tls-cert nowhere.pem --tls-key nowhere.key; nowhere.pem does not exist: check the path (--tls-cert,"
                        + " --tls-key)",
            })
    void shouldSayInOneSentenceWhatDoesNotFit(String options, String sentence) {
        assertEquals(1, run(options));
        assertOneSentence(sentence);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--region x; is no whole number",
                "--listen 3340; has no port",
                "--transport fast; is no transport",
                "--tls-engine openssl; is no TLS engine",
                "--verify-url http://h/%zz; \"http://h/%zz\" is no URL (malformed escape pair)",
                "--verify-url http://h:65536/; \"http://h:65536/\" has a port above 65535",
                "--no-such-option; unknown option --no-such-option",
                "extra; unexpected argument extra",
            })
    void shouldRefuseACommandLineThatItCannotRead(String options, String sentence) {
        assertEquals(2, run(options));
        assertOneSentence(sentence);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--config", "--node-key", "--mesh-key-file", "--deny-list", "--allow-list"})
    void shouldNameAFileThatIsNoText(String option) throws Exception {
        Path binary = Files.write(folder.resolve("binary"), new byte[] {'a', (byte) 0xff});
        Files.setPosixFilePermissions(binary, PosixFilePermissions.fromString("rw-------"));
        run("--plaintext --listen 127.0.0.1:0 " + option + " " + binary);
        assertOneSentence(binary + " is no text in UTF-8: give ");
        error.getBuffer().setLength(0);
        run("--plaintext --listen 127.0.0.1:0 " + option + " " + folder);
        assertOneSentence(folder + " is a folder: give ");
    }

    @Test
    void shouldRefuseAFileThatHoldsNoToken() throws Exception {
        Path file = folder.resolve("token");
        SecretFile.write(file, "warren1.AAAA");
        assertEquals(1, run("--hostname a --coordinator-token-file " + file));
        assertOneSentence("the join token is damaged");
        assertFalse(error.toString().contains("AAAA"), "it is a secret all the same");
    }

    @Test
    void shouldAskTheCoordinatorOfItsTokenAboutClientsUnlessToldOtherwise() throws Exception {
        Path file = folder.resolve("token");
        String pin = "sha256-raw:" + "ab".repeat(32);
        JoinToken token = new JoinToken(
                new MeshId("0".repeat(32)),
                List.of(URI.create("https://c.example:8443")),
                List.of(pin),
                "secret",
                null);
        SecretFile.write(file, token.encode());
        String options = "--hostname a --region 901 --coordinator-token-file " + file;
        AdmissionConfig.Verify verify = read(options).admission().verify();
        assertEquals(
                URI.create("https://c.example:8443/v1/verify"),
                Objects.requireNonNull(verify).url());
        assertEquals(pin, String.valueOf(verify.pin()));
        RelayConfig other = read(options + " --verify-url https://other.example/v --map-address 192.0.2.1,2001:db8::1"
                + " --region-code fra --map-stun-port 3478");
        assertEquals(
                URI.create("https://other.example/v"),
                Objects.requireNonNull(other.admission().verify()).url());
        assertEquals(
                new RelayConfig.Place("a", 901, "fra", "fra", List.of("192.0.2.1", "2001:db8::1"), 3478),
                other.place());
        assertEquals(null, read(options + " --allow-list nowhere").admission().verify());
        assertEquals(null, read(options + " --admit-all").admission().verify());
    }

    private static RelayConfig read(String options) {
        RelayMain relay = new RelayMain();
        new CommandLine(relay)
                .registerConverter(HostPort.class, HostPort::parse)
                .registerConverter(Duration.class, Durations::parse)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .parseArgs(options.split(" ", -1));
        return relay.config();
    }

    @Test
    void shouldSayAllThatDoesNotFitAtOnce() throws Exception {
        Path yaml = Files.writeString(folder.resolve("relay.yaml"), "region: -1\ntls-cert: c.pem\nkey-limit: -2\n");
        assertEquals(1, run("--verify-pin x --config " + yaml));
        String text = error.toString();
        assertTrue(text.startsWith("warren relay: 4 problems:\n"), text);
        assertTrue(text.contains(yaml + ":1: region: -1 is no region"), text);
        assertTrue(text.contains("--tls-cert and --tls-key belong together"), text);
        assertTrue(text.contains("--verify-pin is about --verify-url"), text);
        assertTrue(text.contains("--key-limit -2 is no number"), text);
    }

    @Test
    void shouldSayWhichPortIsInUse() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertEquals(1, run("--plaintext --listen 127.0.0.1:" + taken.getLocalPort()));
            assertOneSentence("127.0.0.1:" + taken.getLocalPort() + " is already in use");
        }
    }

    @Test
    void shouldSayWhenTheOpsPortIsInUseAndLeaveNothingOpen() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertEquals(1, run("--plaintext --listen 127.0.0.1:0 --ops-listen :" + taken.getLocalPort()));
            assertOneSentence("choose another with --ops-listen");
        }
    }

    @Test
    void shouldSayWhenTheKeyFileCannotBeWritten() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertEquals(1, run("--plaintext --listen 127.0.0.1:0 --node-key " + file.resolve("relay.key")));
        assertOneSentence("file");
    }

    @Test
    void shouldPrintWhatIsInForce() {
        assertEquals(0, run("--print-config --hostname relay.example"));
        assertTrue(out.toString().contains("\nhostname: relay.example    # the command line"), out.toString());
        assertTrue(out.toString().contains("\nlisten: \":443\"    # default"), out.toString());
    }

    @Test
    void shouldHaveABoundForNames() {
        String names =
                IntStream.range(0, 101).mapToObj(i -> "n" + i + ".example").collect(Collectors.joining(","));
        assertEquals(1, run("--bootstrap-dns-names " + names));
        assertOneSentence("has 101 names; it may have 100");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
            --udp-relay-address 192.0.2.1:0              ; --udp-relay-address is about --udp-relay-listen
            --udp-relay-rate 1                           ; --udp-relay-rate is about --udp-relay-listen
            --udp-relay-listen :0 --udp-relay-address :0 ; needs a host
            --udp-relay-listen :0 --udp-relay-rate -1    ; --udp-relay-rate -1 is no rate
            --udp-relay-listen :0 --udp-relay-sessions 0 ; --udp-relay-sessions 0 is out of range
            """)
    void shouldSayWhatIsWrongWithTheUdpRelay(String options, String reason) {
        assertEquals(1, run(options));
        assertOneSentence(reason);
    }

    @Test
    void shouldTellOfTheUdpRelay() throws Exception {
        RelayConfig config = TestRelay.config(folder, false, RelayContext.Timing.DEFAULT, null)
                .withUdpRelay(new UdpRelayConfig(TestRelay.loopback(0), List.of(), UdpRelayLimits.DEFAULT));
        try (RelayServer relay = RelayServer.start(config)) {
            RelayMain.announce(relay, new PrintWriter(out));
            DerpNode node = relay.mapEntry().nodes().getFirst();
            assertTrue(out.toString().contains(",disco=" + node.udpRelay()), out.toString());
            int port = relay.udpRelayPort().orElseThrow();
            assertTrue(out.toString().contains("UDP relay on udp port " + port), out.toString());
        }
    }

    @Test
    void shouldKeepKeyAndCertificateOverARestart() throws Exception {
        RelayConfig config = TestRelay.config(folder, true, RelayContext.Timing.DEFAULT, null);
        String key;
        DerpNode.Trust trust;
        try (RelayServer first = RelayServer.start(config)) {
            key = first.publicKey().toString();
            trust = first.mapEntry().nodes().getFirst().trust();
        }
        try (RelayServer second = RelayServer.start(config)) {
            assertEquals(key, second.publicKey().toString());
            assertEquals(trust, second.mapEntry().nodes().getFirst().trust());
        }
        for (String secret : List.of("relay.key", "key.pem")) {
            assertEquals(
                    "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(secret))));
        }
        // derper's form, which derper reads back.
        String json = Files.readString(folder.resolve("relay.key"));
        assertTrue(json.matches("\\{\"PrivateKey\":\"privkey:[0-9a-f]{64}\"\\}\n"), "not derper's form");
    }

    @Test
    void shouldReadDerpersKeyFile() throws Exception {
        String key = "20".repeat(31) + "62";
        Files.writeString(folder.resolve("relay.key"), "{\n\t\"PrivateKey\": \"privkey:" + key + "\"\n}\n");
        try (RelayServer relay = TestRelay.plain(folder)) {
            assertNotEquals("", relay.publicKey().hex());
            assertTrue(Files.readString(folder.resolve("relay.key")).contains(key));
        }
    }

    @Test
    void shouldNotRepeatABrokenKeyFile() throws Exception {
        for (String text : List.of("", "{}", "{\"PrivateKey\":\"privkey:abcdef\"}", "secretsecret")) {
            Files.writeString(folder.resolve("relay.key"), text);
            UserError refused = assertThrows(UserError.class, () -> TestRelay.plain(folder));
            assertTrue(String.valueOf(refused.getMessage()).contains("holds no relay key"));
            assertFalse(String.valueOf(refused.getMessage()).contains("secret"));
            assertFalse(String.valueOf(refused.getMessage()).contains("abcdef"));
        }
    }

    @Test
    void shouldNotTakeABrokenMeshKey() throws Exception {
        RelayConfig config = TestRelay.meshConfig(folder, false, MeshKey.generate(new SecureRandom()));
        Path file = folder.resolve("mesh.key");
        for (String text : List.of("", "ab".repeat(31), "ab".repeat(33), "secret".repeat(8), "xx".repeat(32))) {
            Files.writeString(file, text);
            UserError refused = assertThrows(UserError.class, () -> RelayServer.start(config));
            assertTrue(String.valueOf(refused.getMessage()).contains("must be 64 hex digits"), refused.getMessage());
            assertFalse(String.valueOf(refused.getMessage()).contains("secret"));
            assertFalse(String.valueOf(refused.getMessage()).contains("abab"));
        }
        Files.writeString(file, "00".repeat(32));
        UserError zero = assertThrows(UserError.class, () -> RelayServer.start(config));
        assertTrue(String.valueOf(zero.getMessage()).contains("zero key"), zero.getMessage());
        Files.writeString(file, "ab".repeat(32) + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        UserError open = assertThrows(UserError.class, () -> RelayServer.start(config));
        assertTrue(String.valueOf(open.getMessage()).contains("chmod 600"), open.getMessage());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        RelayServer.start(config).close();
    }

    @Test
    void shouldAnnounceAReadyMapEntry() throws Exception {
        try (RelayServer relay = TestRelay.start(folder, true, RelayContext.Timing.DEFAULT, null)) {
            RelayMain.announce(relay, new PrintWriter(out));
            String pin = "" + relay.mapEntry().nodes().getFirst().trust().pin();
            String spec = "900=127.0.0.1:" + relay.port() + ",pin=" + pin;
            assertEquals(relay.mapEntry(), RelaySpec.parse(spec));
            assertTrue(out.toString().contains("--relay " + spec + "\n"), out.toString());
            DerpNode node = relay.mapEntry().nodes().getFirst();
            assertTrue(out.toString().contains(DerpMapCodec.encode(node)), out.toString());
            assertTrue(out.toString().contains("\"CertName\":\"" + pin + "\""), out.toString());
        }
    }

    @Test
    void shouldNotPinACertificateThatWasGiven() throws Exception {
        Path certificate = folder.resolve("given.pem");
        Path key = folder.resolve("given.key");
        SelfSignedCertificate.loadOrCreate(certificate, key, "relay.example");
        RelayConfig own = TestRelay.config(folder, true, RelayContext.Timing.DEFAULT, null);
        RelayConfig given = new RelayConfig(
                own.listen(),
                own.nodeKey(),
                new RelayConfig.Tls(certificate, key, false),
                new RelayConfig.Place("relay.example", 7),
                null,
                null,
                own.tuning());
        try (RelayServer relay = RelayServer.start(given)) {
            assertEquals(
                    "7=relay.example:" + relay.port(),
                    RelaySpec.format(relay.mapEntry(), relay.mapEntry().nodes().getFirst()));
            assertTrue(relay.opsAddress().isEmpty());
            assertTrue(relay.opsPort().isEmpty());
        }
    }

    private int run(String options) {
        String keyed =
                options.contains("--node-key") ? options : options + " --node-key " + folder.resolve("relay.key");
        String[] arguments = Stream.of(
                        (keyed.contains("--ops-listen") ? keyed : keyed + " --ops-listen :0").split(" ", -1))
                .filter(argument -> !argument.isEmpty())
                .toArray(String[]::new);
        return new Program(Map.of(), new PrintWriter(out), new PrintWriter(error)).run(new RelayMain(), arguments);
    }

    private void assertOneSentence(String part) {
        String text = error.toString();
        assertTrue(text.contains(part), text);
        assertEquals(1, text.strip().lines().count(), text);
    }

    /** The real program in a process of its own, told by SIGHUP and then by a file that changes. */
    @Test
    void shouldFollowItsFilesWhileItRuns() throws Exception {
        Path yaml = Files.writeString(
                folder.resolve("relay.yaml"),
                "listen: 127.0.0.1:0\nnode-key: " + folder.resolve("relay.key")
                        + "\nops-listen: :0\nhostname: a.example\nwatch: 0s\n");
        try (RelayProcess relay = RelayProcess.start("--config", yaml.toString())) {
            String before = relay.outputLine("for others:");
            relay.outputLine("metrics on");
            SelfSignedCertificate.write(
                    SelfSignedCertificate.create("b.example", new SecureRandom(), Instant.now()),
                    folder.resolve("relay.key.tls-cert.pem"),
                    folder.resolve("relay.key.tls-key.pem"));
            Files.writeString(yaml, Files.readString(yaml).replace("hostname: a", "client-rate: 5000000\nhostname: b"));
            relay.hangUp();
            relay.logLine("reloading: SIGHUP");
            relay.logLine("does not name");
            relay.logLine("the certificate is now CN=b.example");
            relay.logLine("changed, but followed only by a restart: hostname");
            assertNotEquals(before, relay.outputLine("for others:"));

            Files.writeString(yaml, "regoin: 7\nlisten: nowhere\n");
            relay.hangUp();
            relay.logLine("settings: stays as it was, since 2 problems:");
        }
    }

    @Test
    void shouldLookAtItsFilesByItself() throws Exception {
        Path yaml = Files.writeString(folder.resolve("relay.yaml"), "plaintext: true\n");
        try (RelayProcess relay = RelayProcess.start(
                "--config",
                yaml.toString(),
                "--watch",
                "20ms",
                "--listen",
                "127.0.0.1:0",
                "--ops-listen",
                ":0",
                "--log-format",
                "json",
                "--node-key",
                folder.resolve("relay.key").toString())) {
            relay.outputLine("metrics on");
            Files.writeString(yaml, "plaintext: true\nregion: 901\n");
            String line = relay.logLine("reloading: a file has changed");
            assertTrue(
                    line.matches("\\{\"time\":\"[^\"]+\",\"level\":\"info\",\"logger\":\"relay.Follower\".*}"), line);
            relay.logLine("followed only by a restart: region");
        }
    }
}
