package dev.warren.node.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.node.keys.RotationSchedule;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.testing.Seeds;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class InterfaceFileTest {
    /** RFC 7748 section 6.1: Alice's private key, her public one, and Bob's. */
    private static final String PRIVATE = "cAdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LGo=";

    private static final String PUBLIC = "3p7bfXt9wbTTW2HC7ORLhI8AaQB1CWtoG8jbXnZGsHo=";
    private static final String PRESHARED = "FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE=";

    private static final String WHOLE =
            """
            [Interface]
            PrivateKey = cAdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LGo=
            ListenPort = 51820
            FwMark = 0xca6c
            Address = 10.9.0.1/24, fd09:0:0:0:0:0:0:1/64
            MTU = 1380

            [Peer]
            PublicKey = 3p7bfXt9wbTTW2HC7ORLhI8AaQB1CWtoG8jbXnZGsHo=
            PresharedKey = FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE=
            AllowedIPs = 10.9.0.0/24, fd09:0:0:0:0:0:0:0/64
            Endpoint = vpn.example.org:51821
            PersistentKeepalive = 25
            """;

    private final RandomGenerator random = Seeds.random(32);

    @TempDir
    Path folder;

    private static InterfaceConfig whole() {
        return InterfaceConfig.named("wg0")
                .withPrivateKey(NodePrivateKey.parseBase64(PRIVATE))
                .withListenPort(51820)
                .withFwmark(0xca6c)
                .withAddress("10.9.0.1/24")
                .withAddress("fd09::1/64")
                .withMtuBytes(1380)
                .withPeer(PeerConfig.of(NodePublicKey.parseBase64(PUBLIC))
                        .withPresharedKey(PresharedKey.parseBase64(PRESHARED))
                        .withEndpoint("vpn.example.org:51821")
                        .withAllowedIp("10.9.0.0/24")
                        .withAllowedIp("fd09::/64")
                        .withPersistentKeepalive(25));
    }

    @Test
    void shouldWriteAndReadAWholeFile() {
        assertEquals(WHOLE, InterfaceFile.text(whole()));
        assertEquals(whole(), InterfaceFile.parse("wg0", WHOLE));
    }

    @Test
    void shouldReadWhatPeopleWrite() {
        InterfaceConfig config = InterfaceFile.parse(
                "wg0",
                """
                # a comment
                [INTERFACE]
                privatekey=cAdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LGo=   # mine
                  address = 10.9.0.1/24
                Address = fd09::1/64
                fwmark = off
                table = off
                [peer]
                ALLOWEDIPS = 10.9.0.0/24,
                AllowedIPs = fd09::/64, 10.9.0.3
                Endpoint = [2001:db8::1]:7
                PersistentKeepalive = off
                PublicKey = 3p7bfXt9wbTTW2HC7ORLhI8AaQB1CWtoG8jbXnZGsHo=
                """);
        assertEquals(
                InterfaceConfig.named("wg0")
                        .withPrivateKey(NodePrivateKey.parseBase64(PRIVATE))
                        .withAddress("10.9.0.1/24")
                        .withAddress("fd09::1/64")
                        .withPeer(PeerConfig.of(NodePublicKey.parseBase64(PUBLIC))
                                .withEndpoint("[2001:db8::1]:7")
                                .withAllowedIp("10.9.0.0/24")
                                .withAllowedIp("fd09::/64")
                                .withAllowedIp("10.9.0.3/32")),
                config);
        assertEquals(InterfaceConfig.named("wg1"), InterfaceFile.parse("wg1", ""));
    }

    @Test
    void shouldReadBackWhateverItWrites() {
        for (int i = 0; i < 300; i++) {
            InterfaceConfig config = anyConfig();
            assertEquals(config, InterfaceFile.parse(config.name(), InterfaceFile.text(config)));
        }
    }

    @Test
    void shouldOnlyReadOrRefuseWhateverItIsGiven() {
        byte[] seed = WHOLE.getBytes(StandardCharsets.UTF_8);
        int read = 0;
        for (int i = 0; i < 5000; i++) {
            byte[] damaged = seed.clone();
            for (int j = random.nextInt(4); j >= 0; j--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(128);
            }
            String text = new String(damaged, 0, random.nextInt(damaged.length + 1), StandardCharsets.UTF_8);
            try {
                InterfaceFile.parse("wg0", text);
                read++;
            } catch (IllegalArgumentException refused) {
                assertFalse(
                        String.valueOf(refused.getMessage()).contains(PRIVATE.substring(10, 34)), refused.getMessage());
                assertFalse(
                        String.valueOf(refused.getMessage()).contains(PRESHARED.substring(10, 34)),
                        refused.getMessage());
            }
        }
        assertTrue(read > 100 && read < 4900, read + " of 5000 are readable");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "ListenPort = 1|line 1: ListenPort is in no section",
                "[Network]|line 1: there is no section [Network]: only [Interface] and [Peer] are allowed",
                "[Interface];nonsense|line 2: nonsense is neither a section nor KEY = VALUE",
                "[Interface];Speed = 1|line 2: there is no Speed here: allowed are PrivateKey, PrivateKeyRotation",
                "[Interface];Endpoint = a:1|line 2: there is no Endpoint here",
                "[Interface];PrivateKeyRotation = weekly|line 2: PrivateKeyRotation: \"weekly\" is no period: it is a number",
                "[Interface];PrivateKeyRotation = 0s|line 2: PrivateKeyRotation: a rotation period of PT0S is not",
                "[Peer];PresharedKeyRotation = 4000d|line 2: PresharedKeyRotation: a rotation period of PT96000H is",
                "[Peer];PresharedKeyRotation = -1h|line 2: PresharedKeyRotation: \"-1h\" is no period",
                "[Interface];ListenPort = x|line 2: ListenPort \"x\" is not allowed: it is a number",
                "[Interface];ListenPort = 70000|line 2: ListenPort 70000 is not allowed: a UDP port is 0, for any,",
                "[Interface];FwMark = 0x1ffffffff|line 2: FwMark \"0x1ffffffff\" is not allowed: it is \"off\", or 0",
                "[Interface];MTU = 12|line 2: MTU 12 is not allowed",
                "[Interface];Address = 10.0.0.1/40|line 2: address 10.0.0.1/40 is not allowed",
                "[Interface];PrivateKey = short|line 2: a node private key",
                "[Peer];PublicKey = AAAA|line 2: a node key has 3 bytes; it must have 32: write the 44 characters",
                "[Peer];AllowedIPs = 10.0.0.0/8|line 1: this [Peer] has no PublicKey, which every peer needs",
                "[Peer];AllowedIPs = ten|line 2: allowed IP \"ten\" is not allowed",
                "[Peer];Endpoint = host|line 2: endpoint \"host\" is not allowed: write HOST:PORT",
                "[Peer];Address = 10.0.0.1|line 2: there is no Address here: allowed are PublicKey",
                "[Peer];PersistentKeepalive = often|line 2: PersistentKeepalive \"often\" is not allowed"
            })
    void shouldNameLineAndValueOfAMistake(String text, String sentence) {
        assertRefused(text.replace(';', '\n'), sentence);
    }

    /** What only shows when the whole file is read has a line too, and the file's own words. */
    @Test
    void shouldNameLineAndKeyOfWhatContradictsItself() {
        String peer = "[Peer]\nPublicKey = " + PUBLIC + "\n";
        assertRefused(
                "[Interface]\nAddress = 10.9.0.1/24\nMTU = 1300\nAddress = 10.9.0.1/24\n",
                "line 4: Address 10.9.0.1/24 is there twice");
        assertRefused(
                "[Interface]\nAddress = fd09::1/64\nMTU = 1000\n",
                "line 2: MTU 1000 is not allowed with the IPv6 address fd09:0:0:0:0:0:0:1/64");
        assertRefused(peer + "\n" + peer, "line 4: PublicKey " + PUBLIC + " is there twice");
        assertRefused(
                "[Interface]\nPrivateKey = " + PRIVATE + "\n[Peer]\nPublicKey = "
                        + NodePrivateKey.parseBase64(PRIVATE).publicKey().base64() + "\n",
                "line 3: PublicKey ");
        assertRefused(peer + "NextPublicKey = " + PUBLIC + "\n", "line 1: NextPublicKey " + PUBLIC + " is not allowed");
        assertRefused(
                peer + "AllowedIPs = 10.0.0.0/8\n[Peer]\nAllowedIPs = 10.0.0.0/8\nPublicKey = " + PRESHARED,
                "line 4: AllowedIPs 10.0.0.0/8 is there for the peers");
    }

    @Test
    void shouldNotStumbleOverAByteOrderMark() throws Exception {
        Path file = Files.writeString(folder.resolve("wg0.conf"), "\uFEFF" + WHOLE);
        assertEquals(whole(), InterfaceFile.load("wg0", file));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PostUp", "PreUp", "PostDown", "PreDown", "DNS", "SaveConfig", "Table"})
    void shouldSendCommandsToWgQuick(String key) {
        assertRefused(
                "[Interface]\n" + key + " = iptables -A FORWARD -i %i -j ACCEPT\n",
                "line 2: " + key + " is for wg-quick, which runs other programs to do it: use \"wg-quick up\"");
    }

    @Test
    void shouldRefuseAnIntervalThatIsTooLong() {
        assertRefused(
                "[Peer]\nPublicKey = " + PUBLIC + "\nPersistentKeepalive = 70000\n",
                "line 1: PersistentKeepalive 70000 is not allowed: it is 0, for never, to 65535");
    }

    @Test
    void shouldReadWhichKeysChange() {
        InterfaceFile.Content content = InterfaceFile.readText(
                "wg0",
                "[Interface]\nprivatekeyrotation = 30d\n[Peer]\nPresharedKeyRotation = 90m\nPublicKey = " + PUBLIC
                        + "\nPresharedKey = " + PRESHARED + "\n");
        assertEquals(
                new RotationPlan(
                        Optional.of(RotationSchedule.every(Duration.ofDays(30))),
                        Map.of(NodePublicKey.parseBase64(PUBLIC), RotationSchedule.every(Duration.ofMinutes(90)))),
                content.rotations());
        assertEquals(
                Optional.of(PresharedKey.parseBase64(PRESHARED)),
                content.config().peers().getFirst().presharedKey());
        assertTrue(InterfaceFile.readText("wg0", "[Interface]\nPrivateKeyRotation = off\n")
                .rotations()
                .isEmpty());
    }

    @Test
    void shouldRefuseChangesOfKeysThatCanNotBe() {
        String peer = "[Peer]\nPublicKey = " + PUBLIC + "\nPresharedKeyRotation = 1h\n";
        String sentence = "line 1: this [Peer] has a PresharedKeyRotation and no PresharedKey";
        assertRefused(peer, sentence);
        assertRefused(peer + "PresharedKey = " + "A".repeat(43) + "=\n", sentence);
        assertRefused(
                "[Interface]\nPrivateKeyRotation = 30d\nPrivateKey = " + PRIVATE + "\n",
                "line 2: PrivateKeyRotation is for keys that are kept in files of their own: \"warren keys import wg0\"");
        assertRefused("[Interface]\nPrivateKeyRotation = 30d\n", "keys change by this file: InterfaceFile.read tells");
    }

    @Test
    void shouldNotQuoteAKeyThatIsWrong() {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> InterfaceFile.parse("wg0", "[Interface]\nPrivateKey = " + PRIVATE + "x\n"));
        assertFalse(String.valueOf(refused.getMessage()).contains(PRIVATE.substring(0, 8)), refused.getMessage());
    }

    @Test
    void shouldNameTheFileOfAMistake() throws Exception {
        Path file = Files.writeString(folder.resolve("wg0.conf"), "[Interface]\nMTU = 12\n");
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> InterfaceFile.load("wg0", file));
        assertTrue(String.valueOf(refused.getMessage()).startsWith(file + ": line 2: MTU 12"), refused.getMessage());
    }

    @Test
    void shouldNameWhatIsNoFileOfText() throws Exception {
        Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, 0, 1});
        assertEquals(
                binary + " is no text in UTF-8: give a configuration file of an interface",
                assertThrows(IllegalArgumentException.class, () -> InterfaceFile.load("wg0", binary))
                        .getMessage());
        assertEquals(
                folder + " is a folder: give a configuration file of an interface",
                assertThrows(IllegalArgumentException.class, () -> InterfaceFile.load("wg0", folder))
                        .getMessage());
        assertEquals(
                "/dev/zero has more than 16 MiB: give a configuration file of an interface",
                assertThrows(IllegalArgumentException.class, () -> InterfaceFile.load("wg0", Path.of("/dev/zero")))
                        .getMessage());
    }

    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // no interrupt ends such a wait
    void shouldNotWaitForTheWriterOfAPipe() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        assertEquals(
                pipe + " is no regular file, and reading it may never end: give a configuration file of an interface,"
                        + " or /dev/stdin",
                assertThrows(IllegalArgumentException.class, () -> InterfaceFile.load("wg0", pipe))
                        .getMessage());
    }

    private InterfaceConfig anyConfig() {
        InterfaceConfig config = InterfaceConfig.named("wg" + random.nextInt(1000))
                .withListenPort(random.nextInt(65536))
                .withFwmark(random.nextInt())
                .withMtuBytes(random.nextInt(1280, 65456));
        if (random.nextBoolean()) {
            config = config.withPrivateKey(NodePrivateKey.generate(random));
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            config = config.withAddress("10.0.%d.%d/%d".formatted(i, random.nextInt(256), random.nextInt(33)))
                    .withAddress("fd00::%x/%d".formatted(i, random.nextInt(129)));
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            config = config.withPeer(anyPeer(i));
        }
        return config;
    }

    private PeerConfig anyPeer(int index) {
        PeerConfig peer = PeerConfig.of(NodePrivateKey.generate(random).publicKey())
                .withPersistentKeepalive(random.nextInt(65536))
                .withAllowedIp("10.%d.0.0/16".formatted(index));
        if (random.nextBoolean()) {
            peer = peer.withPresharedKey(PresharedKey.generate(random));
        }
        String[] hosts = {"h" + index + ".example.org", "192.0.2.%d".formatted(index), "[2001:db8::%x]".formatted(index)
        };
        if (random.nextBoolean()) {
            peer = peer.withEndpoint(hosts[random.nextInt(3)] + ":" + random.nextInt(1, 65536));
        }
        return peer;
    }

    private static void assertRefused(String text, String sentence) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> InterfaceFile.parse("wg0", text));
        assertTrue(String.valueOf(refused.getMessage()).startsWith(sentence), refused.getMessage());
    }
}
