package dev.warren.node.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.simulation.Host;
import dev.warren.protocol.simulation.NatKind;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each kind of network against each, in both orders, as one table. */
@Timeout(30)
final class ConnectivityGridTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** What an agent stands behind. */
    private enum Behind {
        /** Port-restricted: endpoint-independent mapping, filter by address and port. */
        EASY,
        /** Filter by address only. */
        EASYAF,
        /** Symmetric, with the same filter as EASY. */
        HARD,
        /** One external address for the one host, unfiltered. */
        ONE2ONE;

        Host place(SimMesh mesh, int number) {
            NatKind kind =
                    switch (this) {
                        case EASY -> NatKind.PORT_RESTRICTED;
                        case EASYAF -> NatKind.ADDRESS_RESTRICTED;
                        case HARD -> NatKind.SYMMETRIC;
                        case ONE2ONE -> NatKind.FULL_CONE;
                    };
            SimMesh.Site site = mesh.site(number, kind);
            Host host = site.host(name() + number);
            if (this == ONE2ONE) {
                site.nat.oneToOne(host.address());
            }
            return host;
        }
    }

    private static String path(Behind left, Behind right) {
        SimMesh mesh = SimMesh.withOneRegion(
                1 + left.name().hashCode() * 31L + right.name().hashCode());
        return path(mesh, mesh.agent(left.place(mesh, 1)), mesh.agent(right.place(mesh, 2)));
    }

    private static String path(SimMesh mesh, SimAgent a, SimAgent b) {
        mesh.settle();
        Optional<Duration> toDirect = mesh.untilDirect(a, b, LIMIT);
        toDirect.ifPresent(time -> assertTrue(time.compareTo(Duration.ofSeconds(2)) < 0, a + " to " + b + ": " + time));
        mesh.network.run(Duration.ofSeconds(1));
        int packet = mesh.send(a, b);
        mesh.network.run(Duration.ofSeconds(1));
        assertTrue(b.received.get(packet), "whatever the path, packets arrive");
        return toDirect.isPresent() ? "direct" : "relay";
    }

    private static String row(Behind left) {
        return left
                + Arrays.stream(Behind.values())
                        .map(right -> " " + path(left, right))
                        .collect(Collectors.joining());
    }

    @Test
    void everyPairThatCanBeDirectIs() {
        String expected =
                """
                EASY direct direct relay direct
                EASYAF direct direct direct direct
                HARD relay direct relay direct
                ONE2ONE direct direct direct direct\
                """;
        String found =
                Arrays.stream(Behind.values()).map(ConnectivityGridTest::row).collect(Collectors.joining("\n"));
        assertEquals(expected, found);
    }

    @Test
    void neighboursAreDirectOverTheLanWhateverTheirNat() {
        for (Behind behind : Behind.values()) {
            if (behind == Behind.ONE2ONE) {
                continue;
            }
            SimMesh mesh = SimMesh.withOneRegion(5);
            NatKind kind =
                    switch (behind) {
                        case HARD -> NatKind.SYMMETRIC;
                        case EASYAF -> NatKind.ADDRESS_RESTRICTED;
                        case EASY, ONE2ONE -> NatKind.PORT_RESTRICTED;
                    };
            SimMesh.Site site = mesh.site(1, kind);
            SimAgent a = mesh.agent(site.host("a"));
            SimAgent b = mesh.agent(site.host("b"));
            assertEquals("direct", path(mesh, a, b), behind.name());
            var direct = a.peer(b).direct();
            assertTrue(direct != null && direct.getAddress().equals(b.host.address()), behind + ": " + direct);
        }
    }
}
