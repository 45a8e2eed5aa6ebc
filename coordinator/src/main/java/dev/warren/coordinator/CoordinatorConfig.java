package dev.warren.coordinator;

import dev.warren.coordinator.registry.AddressPool;
import dev.warren.coordinator.topology.Leases;
import dev.warren.platform.config.Differences;
import dev.warren.platform.config.HostPort;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.wireguard.IpPrefix;
import java.nio.file.Path;
import java.util.List;
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
        Differences differences = new Differences();
        differences.add("listen", listen, next.listen);
        differences.add("ops-listen", opsListen, next.opsListen);
        differences.add("public", publicAddress, next.publicAddress);
        differences.add("data-dir", dataDir, next.dataDir);
        differences.add("pool", pool, next.pool);
        differences.add("relay-lease", leases, next.leases);
        return differences.options();
    }

    /** Checks the pool; throws IllegalArgumentException. */
    public CoordinatorConfig {
        AddressPool.checked(pool);
    }
}
