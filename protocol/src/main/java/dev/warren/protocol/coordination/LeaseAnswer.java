package dev.warren.protocol.coordination;

import dev.warren.protocol.derp.DerpMap;
import java.util.regex.Pattern;

/**
 * Answer to {@code POST /v1/lease}: the relay is in the map for {@code leaseMillis} from now on.
 *
 * @param mesh which mesh this is
 * @param name of the relay's node in the map
 * @param leaseMillis after which it leaves the map unless it asks again
 * @param renewMillis after which it shall ask again
 * @param meshKey the secret of the region's relays, 64 hex digits; it comes this way only
 * @param region the relay's region as it is in the map now
 */
public record LeaseAnswer(MeshId mesh, String name, int leaseMillis, int renewMillis, String meshKey, DerpMap region) {
    private static final Pattern KEY = Pattern.compile("[0-9a-f]{64}");

    /** Checks the times and the key's form; throws {@link CoordinationFormatException}. */
    public LeaseAnswer {
        Checks.positive("leaseMillis", leaseMillis);
        Checks.positive("renewMillis", renewMillis);
        if (!KEY.matcher(meshKey).matches()) {
            // Without what it is.
            throw new CoordinationFormatException("field \"meshKey\" must be 64 lower-case hex digits");
        }
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "LeaseAnswer[" + name + ", " + leaseMillis + " ms, " + region + "]";
    }
}
