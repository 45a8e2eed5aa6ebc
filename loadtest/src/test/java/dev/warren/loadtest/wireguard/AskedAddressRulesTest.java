package dev.warren.loadtest.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** From where a tunnel answers. Not with wireguard-go at the end that is asked: it answers from its first address here. */
@ParameterizedClass(name = "{0}")
@EnumSource(
        value = Pairing.class,
        names = {"OURS_AND_OURS", "WIREGUARD_GO_AND_OURS"})
@Timeout(60)
class AskedAddressRulesTest extends RoutedRules {
    /** One more address of the right machine's. */
    private static final String OTHER = "10.9.2.100";

    /** The ends are up already, see {@link RoutedRules}. */
    AskedAddressRulesTest(@SuppressWarnings("unused") Pairing ends) {}

    @Test
    void shouldAnswerFromTheAddressThatWasAskedAsLongAsThatIsThere() throws Exception {
        pair.rightPlace().ip("address add " + OTHER + "/24 dev eth0");
        try {
            Wg.await("answers from the other address", this::isAnsweredFromOther);
        } finally {
            pair.rightPlace().ip("address del " + OTHER + "/24 dev eth0");
        }
        Wg.await("the right one from its other address", () -> pair.rightPlace().pings(RoutedPair.LEFT));
        assertEquals(RoutedPair.RIGHT_OUTER + ":" + RoutedPair.PORT, pair.left().endpoint(pair.rightKey()));
    }

    private boolean isAnsweredFromOther() throws IOException, InterruptedException {
        String other = OTHER + ":" + RoutedPair.PORT;
        pair.left().set(pair.rightKey(), "endpoint " + other);
        return pair.leftPlace().pings(RoutedPair.RIGHT)
                && pair.rightPlace().pings(RoutedPair.LEFT)
                && other.equals(pair.left().endpoint(pair.rightKey()));
    }
}
