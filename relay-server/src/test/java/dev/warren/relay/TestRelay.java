package dev.warren.relay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.warren.platform.config.SecretFile;
import dev.warren.platform.net.Gathering;
import dev.warren.platform.net.Transport;
import dev.warren.platform.tls.TlsEngine;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.key.MeshKey;
import dev.warren.relay.client.RelayContext;
import dev.warren.relay.limit.Limits;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Relays on the loopback for tests. */
final class TestRelay {
    private TestRelay() {}

    static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    static RelayServer plain(Path folder) throws IOException {
        return start(folder, false, RelayContext.Timing.DEFAULT, null);
    }

    static RelayServer start(Path folder, boolean tls, RelayContext.Timing timing, RelayConfig.@Nullable Verify verify)
            throws IOException {
        return RelayServer.start(config(folder, tls, timing, verify));
    }

    /** In plaintext, with {@code limits}. */
    static RelayServer limited(Path folder, Limits limits) throws IOException {
        return RelayServer.start(
                config(folder, false, RelayContext.Timing.DEFAULT, null).withLimits(limits));
    }

    static RelayConfig config(
            Path folder, boolean tls, RelayContext.Timing timing, RelayConfig.@Nullable Verify verify) {
        return new RelayConfig(
                loopback(0),
                folder.resolve("relay.key"),
                tls ? new RelayConfig.Tls(folder.resolve("cert.pem"), folder.resolve("key.pem"), true) : null,
                new RelayConfig.Place("127.0.0.1", 900),
                verify,
                loopback(0),
                new RelayConfig.Tuning(Transport.AUTO, TlsEngine.AUTO, 2, Gathering.STANDARD_MICROS, timing));
    }

    /** A relay that knows the other relays of its region by {@code key} and links to those in {@code with}. */
    static RelayServer mesh(Path folder, MeshKey key, DerpNode... with) throws IOException {
        return RelayServer.start(meshConfig(folder, false, key, with));
    }

    static RelayConfig meshConfig(Path folder, boolean tls, MeshKey key, DerpNode... with) throws IOException {
        return meshed(config(folder, tls, RelayContext.Timing.DEFAULT, null), folder, key, with);
    }

    static RelayConfig meshConfig(Path folder, RelayContext.Timing timing, MeshKey key, DerpNode... with)
            throws IOException {
        return meshed(config(folder, false, timing, null), folder, key, with);
    }

    private static RelayConfig meshed(RelayConfig alone, Path folder, MeshKey key, DerpNode... with)
            throws IOException {
        Path file = folder.resolve("mesh.key");
        SecretFile.write(file, "\n " + key.secretText() + " \n");
        return alone.withMesh(new RelayConfig.Mesh(file, List.of(with)));
    }

    static RelayConfig on(RelayConfig config, int port) {
        RelayConfig moved = new RelayConfig(
                        loopback(port),
                        config.nodeKey(),
                        config.tls(),
                        config.place(),
                        null,
                        config.opsListen(),
                        config.tuning())
                .withAdmission(config.admission());
        RelayConfig.Mesh mesh = config.mesh();
        return mesh == null ? moved : moved.withMesh(mesh);
    }

    /** The sum of a counter over all its series that have {@code tags}. */
    static double count(RelayServer relay, String name, String... tags) {
        return relay.registry().get(name).tags(tags).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    static double gauge(RelayServer relay, String name) {
        return relay.registry().get(name).gauges().stream()
                .mapToDouble(Gauge::value)
                .sum();
    }

    /** Its status page. */
    static JsonNode page(RelayServer relay) {
        URI page = URI.create("http://127.0.0.1:" + relay.opsPort().orElseThrow() + StatusPage.PATH);
        try (InputStream in = page.toURL().openStream()) {
            return new ObjectMapper().readTree(in);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not in time: " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }
}
