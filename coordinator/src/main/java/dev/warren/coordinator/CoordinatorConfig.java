package dev.warren.coordinator;

import dev.warren.coordinator.registry.AddressPool;
import dev.warren.coordinator.topology.Leases;
import dev.warren.platform.config.HostPort;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.wireguard.IpPrefix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a coordinator runs with.
 *
 * @param listen where nodes and relays connect
 * @param opsListen where the status page, metrics and health are
 * @param publicAddress what join tokens name; null = {@code listen}, or an address of this machine when that is all of
 *     them
 * @param dataDir holds the store, the certificate and the local socket
 * @param relays where the relays are
 * @param pool what IPv4 addresses are taken from
 * @param leases how long a relay stays in the map that is not heard of
 */
public record CoordinatorConfig(
        HostPort listen,
        HostPort opsListen,
        @Nullable HostPort publicAddress,
        Path dataDir,
        DerpMap relays,
        IpPrefix pool,
        Leases.Terms leases) {
    /** Where nodes connect unless told otherwise. */
    public static final String DEFAULT_LISTEN = ":8443";

    /** Where the status page is unless told otherwise: on this machine only. */
    public static final String DEFAULT_OPS_LISTEN = "127.0.0.1:9444";

    /** With the usual leases. */
    public CoordinatorConfig(
            HostPort listen,
            HostPort opsListen,
            @Nullable HostPort publicAddress,
            Path dataDir,
            DerpMap relays,
            IpPrefix pool) {
        this(listen, opsListen, publicAddress, dataDir, relays, pool, Leases.Terms.STANDARD);
    }

    /** The options that {@code next} has otherwise and that are only looked at when a coordinator starts. */
    List<String> needRestart(CoordinatorConfig next) {
        List<String> options = new ArrayList<>();
        addWhenDiffers(listen, next.listen, "listen", options);
        addWhenDiffers(opsListen, next.opsListen, "ops-listen", options);
        addWhenDiffers(publicAddress, next.publicAddress, "public", options);
        addWhenDiffers(dataDir, next.dataDir, "data-dir", options);
        addWhenDiffers(pool, next.pool, "pool", options);
        addWhenDiffers(leases, next.leases, "relay-lease", options);
        return options;
    }

    private static void addWhenDiffers(
            @Nullable Object before, @Nullable Object after, String option, List<String> options) {
        if (!Objects.equals(before, after)) {
            options.add(option);
        }
    }

    /** Checks the pool; throws IllegalArgumentException. */
    public CoordinatorConfig {
        AddressPool.checked(pool);
    }
}
