package dev.warren.loadtest.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;

/** The architecture's rules, each with its reason. */
final class Rules {
    private static final String PROTOCOL = "dev.warren.protocol..";
    private static final String PLATFORM = "dev.warren.platform..";
    private static final String STUN = "dev.warren.stun..";
    private static final String RELAY = "dev.warren.relay..";
    private static final String COORDINATOR = "dev.warren.coordinator..";
    private static final String NODE = "dev.warren.node..";
    private static final String LOADTEST = "dev.warren.loadtest..";
    private static final String[] PURE = {
        PROTOCOL,
        "dev.warren.node.path..",
        "dev.warren.node.engine..",
        "dev.warren.node.netcheck..",
        "dev.warren.node.offload.."
    };

    private static final Set<String> CLOCK_METHODS = Set.of("nanoTime", "currentTimeMillis", "now");
    private static final Set<String> RANDOM_METHODS =
            Set.of("random", "randomUUID", "getDefault", "getInstanceStrong", "getSecureRandom");

    private Rules() {}

    static final ArchRule PROTOCOL_SEES_ONLY_JDK_CRYPTO_AND_JSON = classes()
            .that()
            .resideInAPackage(PROTOCOL)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    PROTOCOL,
                    "java..",
                    "javax.crypto..",
                    "org.bouncycastle..",
                    "com.fasterxml.jackson..",
                    "org.jspecify..")
            .because("everything else depends on protocol, so what it drags in every program drags in");

    static final ArchRule PLATFORM_SEES_NO_PROGRAM = noClasses()
            .that()
            .resideInAPackage(PLATFORM)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(STUN, RELAY, COORDINATOR, NODE, LOADTEST)
            .because("platform is what the programs stand on: an arrow back would tie all of them together");

    static final ArchRule STUN_SEES_NO_OTHER_PROGRAM = program(STUN, RELAY, COORDINATOR, NODE, LOADTEST);
    static final ArchRule RELAY_SEES_NO_OTHER_PROGRAM = program(RELAY, STUN, COORDINATOR, NODE, LOADTEST);
    static final ArchRule COORDINATOR_SEES_NO_OTHER_PROGRAM = program(COORDINATOR, STUN, RELAY, NODE, LOADTEST);
    static final ArchRule NODE_SEES_NO_OTHER_PROGRAM = program(NODE, STUN, RELAY, COORDINATOR, LOADTEST);

    static final ArchRule RELAY_HAS_NO_DATABASE_AND_NO_PAGES = noClasses()
            .that()
            .resideInAPackage(RELAY)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "javax.sql..", "org.sqlite..", "io.etcd..", "io.vertx..")
            .because("a relay holds soft state only, so that killing one costs its clients a reconnect and no more");

    static final ArchRule PURE_CODE_HAS_NO_SOCKETS_AND_FILES = noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .should()
            .dependOnClassesThat(
                    resideInAnyPackage("java.nio.channels..", "java.nio.file..", "java.net.http..", "io.netty..")
                            .or(assignableTo(java.lang.foreign.Linker.class))
                            .or(assignableTo(java.lang.foreign.SymbolLookup.class))
                            .or(assignableTo(java.net.Socket.class))
                            .or(assignableTo(java.net.ServerSocket.class))
                            .or(assignableTo(java.net.DatagramSocket.class))
                            .or(assignableTo(java.net.NetworkInterface.class))
                            .or(assignableTo(java.net.URLConnection.class))
                            .or(assignableTo(java.io.File.class)))
            .because(
                    "protocol and path code takes bytes and returns bytes, in native memory too, but calls nothing native;"
                            + " only so can it run in the simulated network");

    static final ArchRule PURE_CODE_HAS_NO_THREADS = noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .should()
            .dependOnClassesThat(assignableTo(Thread.class)
                    .or(assignableTo(java.util.concurrent.Executor.class))
                    .or(type(java.util.concurrent.Executors.class))
                    .or(assignableTo(java.util.concurrent.Future.class))
                    .or(assignableTo(java.util.Timer.class)))
            .because(
                    "a state machine is owned by whoever calls it; it answers with its next deadline instead of waiting");

    static final ArchRule PURE_CODE_HAS_NO_CLOCK = noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .should()
            .accessTargetWhere(DescribedPredicate.describe("the target reads a clock", Rules::readsClock))
            .because("time is a parameter: a virtual clock has to be able to run hours in a second");

    static final ArchRule PURE_CODE_HAS_NO_RANDOMNESS = noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .should()
            .accessTargetWhere(DescribedPredicate.describe("the target is a source of randomness", Rules::makesRandom))
            .because("the random source is a parameter: a seed has to repeat a run exactly");

    static final ArchRule NAMES_SAY_SOMETHING = noClasses()
            .that()
            .resideInAPackage("dev.warren..")
            .should(com.tngtech.archunit.lang.conditions.ArchConditions.be(
                    DescribedPredicate.describe("named after nothing", Rules::hasEmptyName)))
            .because(
                    "a class that is called Util, Helper, Manager or Impl has no noun of its own, and collects what has none");

    private static ArchRule program(String program, String... others) {
        return noClasses()
                .that()
                .resideInAPackage(program)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .because("each program is deployed alone and may die alone; what two of them need belongs to platform"
                        + " or protocol");
    }

    private static boolean readsClock(JavaAccess<?> access) {
        AccessTarget target = access.getTarget();
        JavaClass owner = target.getOwner();
        boolean known =
                owner.isEquivalentTo(System.class) || owner.getPackageName().equals("java.time");
        return (known && CLOCK_METHODS.contains(target.getName())) || owner.isEquivalentTo(java.time.Clock.class);
    }

    private static boolean makesRandom(JavaAccess<?> access) {
        AccessTarget target = access.getTarget();
        JavaClass owner = target.getOwner();
        if (owner.isAssignableTo(Random.class)) {
            return target.getName().equals("<init>")
                    || target.getName().startsWith("getInstance")
                    || isThreadLocal(owner);
        }
        boolean known = owner.isEquivalentTo(Math.class)
                || owner.isEquivalentTo(java.util.UUID.class)
                || owner.isEquivalentTo(RandomGenerator.class)
                || owner.getPackageName().startsWith("org.bouncycastle");
        return known && RANDOM_METHODS.contains(target.getName());
    }

    private static boolean isThreadLocal(JavaClass owner) {
        return owner.isEquivalentTo(java.util.concurrent.ThreadLocalRandom.class);
    }

    private static boolean hasEmptyName(JavaClass type) {
        String name = type.getSimpleName();
        boolean allowed = name.endsWith("TunnelManager") || name.endsWith("KeyManager");
        return !allowed && name.matches(".*(Utils?|Helper|Manager|Impl)");
    }
}
