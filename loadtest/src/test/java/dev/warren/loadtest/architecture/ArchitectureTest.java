package dev.warren.loadtest.architecture;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import dev.warren.coordinator.brokenrule.NosyCoordinator;
import dev.warren.node.brokenrule.NosyNode;
import dev.warren.platform.brokenrule.UpwardArrow;
import dev.warren.protocol.brokenrule.ImpureProtocol;
import dev.warren.relay.brokenrule.CuriousRelayUtil;
import dev.warren.stun.brokenrule.NosyStun;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(30)
class ArchitectureTest {
    private static final JavaClasses PRODUCTION = new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test-classes/") && !location.contains("-tests.jar"))
            .importPackages("dev.warren");
    private static final JavaClasses BROKEN = new ClassFileImporter()
            .importClasses(
                    ImpureProtocol.class,
                    UpwardArrow.class,
                    CuriousRelayUtil.class,
                    NosyStun.class,
                    NosyCoordinator.class,
                    NosyNode.class);

    /** Each rule, and what its message has to name when it is broken. */
    static Stream<Arguments> rules() {
        return Stream.of(
                Arguments.of(Rules.PROTOCOL_SEES_ONLY_JDK_CRYPTO_AND_JSON, "UpwardArrow"),
                Arguments.of(Rules.PLATFORM_SEES_NO_PROGRAM, "UpwardArrow"),
                Arguments.of(Rules.STUN_SEES_NO_OTHER_PROGRAM, "NosyStun"),
                Arguments.of(Rules.RELAY_SEES_NO_OTHER_PROGRAM, "CuriousRelayUtil"),
                Arguments.of(Rules.COORDINATOR_SEES_NO_OTHER_PROGRAM, "NosyCoordinator"),
                Arguments.of(Rules.NODE_SEES_NO_OTHER_PROGRAM, "NosyNode"),
                Arguments.of(Rules.RELAY_HAS_NO_DATABASE_AND_NO_PAGES, "java.sql.Connection"),
                Arguments.of(Rules.PURE_CODE_HAS_NO_SOCKETS_AND_FILES, "java.net.DatagramSocket"),
                Arguments.of(Rules.PURE_CODE_HAS_NO_THREADS, "java.lang.Thread"),
                Arguments.of(Rules.PURE_CODE_HAS_NO_CLOCK, "java.lang.System.nanoTime()"),
                Arguments.of(Rules.PURE_CODE_HAS_NO_RANDOMNESS, "java.security.SecureRandom.<init>()"),
                Arguments.of(Rules.NAMES_SAY_SOMETHING, "CuriousRelayUtil"));
    }

    @Test
    void shouldHaveReadTheClassesOfEveryModule() {
        for (String module : List.of("protocol", "platform", "stun", "relay", "coordinator", "node", "loadtest")) {
            String name = "dev.warren." + module;
            assertTrue(
                    PRODUCTION.stream().anyMatch(type -> type.getPackageName().startsWith(name)),
                    "no class of " + name + " was checked");
        }
        assertTrue(PRODUCTION.stream().noneMatch(type -> type.getName().contains("brokenrule")));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void shouldHoldForTheProductionCode(ArchRule rule, String inMessage) {
        rule.check(PRODUCTION);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void shouldBiteWhenCodeBreaksIt(ArchRule rule, String inMessage) {
        AssertionError refused = assertThrows(AssertionError.class, () -> rule.check(BROKEN));

        String message = String.valueOf(refused.getMessage());
        assertTrue(message.contains(inMessage), message);
        assertTrue(message.contains("because"), message);
    }
}
