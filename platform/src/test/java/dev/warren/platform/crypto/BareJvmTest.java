package dev.warren.platform.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.platform.config.UserError;
import dev.warren.protocol.crypto.KeyAgreement;
import dev.warren.protocol.crypto.PacketCipher;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The choice of a cipher in a JVM that is started with nothing: without the Vector API's module, and no other jar. */
@Timeout(60)
class BareJvmTest {
    private static final int LENGTH = 1420;

    /** What the bare JVM runs, one line for each that it was asked for. */
    static final class Fixture {
        public static void main(String... wanted) {
            for (String word : wanted) {
                System.out.println(word + ": " + outcome(word));
            }
        }

        private static String outcome(String word) {
            if (word.equals("x25519")) {
                X25519Choice.putInForce();
                return KeyAgreement.inForce().name();
            }
            try (CipherChoice choice = word.equals("none-native")
                    ? CipherChoice.withoutNativeCode()
                    : CipherChoice.make(CipherPreference.parse(word))) {
                return choice.name() + " " + roundTrip(choice);
            } catch (UserError refused) {
                return String.valueOf(refused.getMessage());
            }
        }

        private static String roundTrip(PacketCipher.Factory factory) {
            byte[] key = new byte[PacketCipher.KEY_LENGTH];
            try (Arena arena = Arena.ofConfined();
                    PacketCipher sealing = factory.of(key);
                    PacketCipher opening = factory.of(key)) {
                MemorySegment memory = arena.allocate(LENGTH + PacketCipher.TAG_LENGTH, 64);
                memory.fill((byte) 7);
                sealing.seal(1, memory, 0, LENGTH);
                boolean isHidden = memory.get(ValueLayout.JAVA_BYTE, 0) != 7;
                boolean isOpen = opening.open(1, memory, 0, LENGTH + PacketCipher.TAG_LENGTH);
                boolean isBack = memory.get(ValueLayout.JAVA_BYTE, LENGTH - 1L) == 7;
                return isHidden && isOpen && isBack ? "seals and opens" : "is wrong";
            }
        }
    }

    @Test
    void shouldSealWithWhatIsThereWithoutTheVectorModule() throws Exception {
        assertEquals(
                List.of(
                        "auto: libcrypto seals and opens",
                        "jdk: jdk seals and opens",
                        "none-native: jdk seals and opens",
                        "vector: the cipher vector needs a JVM with --add-modules jdk.incubator.vector: start it so,"
                                + " or use another cipher",
                        "x25519: libcrypto"),
                run(Map.of(), "auto", "jdk", "none-native", "vector", "x25519"));
    }

    /** The system's loader takes the first file of that name that it finds, and gives up when that is no library. */
    @Test
    void shouldSealWithTheJdkWhereThereIsNoLibcrypto(@TempDir Path folder) throws Exception {
        for (String name : LibcryptoFile.NAMES) {
            Files.createFile(folder.resolve(name));
        }
        assertEquals(
                List.of(
                        "auto: jdk seals and opens",
                        "libcrypto: the cipher libcrypto needs OpenSSL's libcrypto.so.3 or libcrypto.so.1.1, which this"
                                + " machine lacks: install it, or use another cipher",
                        "x25519: java"),
                run(Map.of("LD_LIBRARY_PATH", folder.toString()), "auto", "libcrypto", "x25519"));
    }

    private static List<String> run(Map<String, String> environment, String... wanted)
            throws IOException, InterruptedException {
        List<String> command = Stream.concat(
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                Stream.of(Fixture.class, CipherChoice.class, PacketCipher.class, LoggerFactory.class)
                                        .map(BareJvmTest::place)
                                        .distinct()
                                        .collect(Collectors.joining(":")),
                                Fixture.class.getName()),
                        Stream.of(wanted))
                .toList();
        ProcessBuilder bare = new ProcessBuilder(command).redirectErrorStream(true);
        bare.environment().putAll(environment);
        Process process = bare.start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output.lines().filter(line -> !line.startsWith("SLF4J")).toList();
    }

    private static String place(Class<?> type) {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath())
                .toString();
    }
}
