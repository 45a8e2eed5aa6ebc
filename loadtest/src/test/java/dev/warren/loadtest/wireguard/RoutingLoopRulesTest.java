package dev.warren.loadtest.wireguard;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What becomes of a tunnel whose endpoint is inside itself. Not with wireguard-go at the end that loops: it goes round
 * until the CPU is full, and the kernel's own test asks for no more than that nothing breaks.
 */
@ParameterizedClass(name = "{0}")
@EnumSource(
        value = Pairing.class,
        names = {"OURS_AND_OURS", "OURS_AND_WIREGUARD_GO"})
@Timeout(60)
class RoutingLoopRulesTest extends RoutedRules {
    /** What the kernel's test allows a loop. */
    private static final long BOUND_BYTES = 70_000;

    /** The ends are up already, see {@link RoutedRules}. */
    RoutingLoopRulesTest(@SuppressWarnings("unused") Pairing ends) {}

    @Test
    void shouldNotRunAwayWhenItsEndpointIsInsideItself() throws Exception {
        pair.leftPlace().ping(1, RoutedPair.RIGHT);
        // Again where a message of the right one's brings the old endpoint back (roaming): it tells of itself once its
        // network has settled.
        Wg.await("an endpoint inside", () -> {
            pair.left().set(pair.rightKey(), "endpoint " + RoutedPair.RIGHT + ":" + RoutedPair.PORT);
            return !pair.leftPlace().pings(RoutedPair.RIGHT) && isLoopWithinBounds();
        });

        pair.left().set(pair.rightKey(), "endpoint " + RoutedPair.RIGHT_OUTER + ":" + RoutedPair.PORT);
        Wg.await("the tunnel", () -> pair.leftPlace().pings(RoutedPair.RIGHT));
    }

    /** Whether packets were lost; fails when they went round. */
    private static boolean isLoopWithinBounds() throws IOException, InterruptedException {
        long before = pair.left().transfer(pair.rightKey()).sent();
        String output = pair.leftPlace().attempt("ping -n -q -c 20 -i 0.01 -W 1 -s 1392 " + RoutedPair.RIGHT);
        long sent = pair.left().transfer(pair.rightKey()).sent() - before;
        assertTrue(sent < BOUND_BYTES, sent + " bytes");
        return !output.contains(" 0% packet loss");
    }
}
