package dev.warren.protocol.coordination;

import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.DerpRegion;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Body of {@code POST /v1/lease}: a relay asks to be in the map, or to stay there. Signed by the relay's identity.
 *
 * @param version of the coordination protocol that the relay speaks
 * @param entry one region with one node: the relay as it would write it into a map; the coordinator names the node
 * @param software name and version of the program, for people
 * @param capacity how many connections it takes at most; null = it has no limit
 * @param token the secret of a relay's join token; null = the relay is known already
 */
public record LeaseRequest(
        int version, DerpMap entry, String software, @Nullable Integer capacity, @Nullable String token) {
    /** The highest region: clients keep the number in 16 bits (tailscale's magicsock has it as a port). */
    public static final int MAX_REGION = 65_535;

    private static final int MAX_TEXT = 255;
    private static final Pattern CODE = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");

    /** Checks the parts; throws {@link CoordinationFormatException}. */
    public LeaseRequest {
        Checks.positive("version", version);
        Checks.text("software", MAX_TEXT, software);
        if (entry.regions().size() != 1 || region(entry).nodes().size() != 1) {
            throw new CoordinationFormatException("field \"entry\" must have one region with one relay in it");
        }
        DerpRegion region = region(entry);
        checkRegion(region.id(), region.code());
        Checks.text("entry.RegionName", MAX_TEXT, region.name());
        Checks.text("entry.HostName", MAX_TEXT, node(region).hostName());
        if (!node(region).hasRelay()) {
            throw new CoordinationFormatException("field \"entry\" has a STUN server only, and a lease is for a relay");
        }
        if (capacity != null) {
            Checks.positive("capacity", capacity);
        }
        if (token != null) {
            Checks.text("token", MAX_TEXT, token);
        }
    }

    /** Throws {@link CoordinationFormatException} for what cannot be a region's number and short name. */
    public static void checkRegion(int id, String code) {
        if (id < 1 || id > MAX_REGION) {
            throw new CoordinationFormatException(
                    "region " + id + " is out of 1 to " + MAX_REGION + "; 900 to 999 are free for one's own use");
        }
        if (!CODE.matcher(code).matches()) {
            throw new CoordinationFormatException("the region code \"" + code
                    + "\" must be 1 to 32 lower-case letters, digits and dashes, such as fra");
        }
    }

    /** The region in which the relay is. */
    public DerpRegion region() {
        return region(entry);
    }

    /** The relay. */
    public DerpNode node() {
        return node(region());
    }

    private static DerpRegion region(DerpMap entry) {
        return entry.regions().firstEntry().getValue();
    }

    private static DerpNode node(DerpRegion region) {
        return region.nodes().getFirst();
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "LeaseRequest[" + entry + ", " + software + "]";
    }
}
