package dev.warren.loadtest.stream;

import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Workload;
import dev.warren.loadtest.tunnel.Implementation;
import dev.warren.loadtest.tunnel.OurPrograms;
import dev.warren.protocol.derp.DerpRegion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** One TCP stream through a relay; each run has its own namespaces and processes, only the relay is there before. */
public final class StreamLoad implements Workload {
    private static final int REGION = 900;

    private final StreamSettings settings;
    private final Map<String, String> environment;

    StreamLoad(StreamSettings settings, Map<String, String> environment) {
        this.settings = settings;
        this.environment = Map.copyOf(environment);
    }

    /**
     * A load from settings by their names.
     *
     * @throws dev.warren.platform.config.UserError when a setting is unknown or wrong, or a program is missing
     */
    public static StreamLoad of(Map<String, String> settings) {
        return of(settings, System.getenv());
    }

    static StreamLoad of(Map<String, String> settings, Map<String, String> environment) {
        StreamLoad load = new StreamLoad(StreamSettings.parse(settings), environment);
        Implementation.require(environment, "unshare", "nsenter", "ip", "wg", "ping", "iperf3");
        if (load.settings.ends() == StreamSettings.Ends.WIREGUARD_GO) {
            load.wireGuard();
        }
        return load;
    }

    @Override
    public Result run(Progress progress) throws IOException, InterruptedException {
        Result.Builder result = Result.builder("stream", settings.target().toString())
                .setting("ends", settings.ends().word())
                .setting("transport", transport())
                .setting("duration", settings.seconds() + "s")
                .setting("warmup", settings.warmUpSeconds() + "s");
        Path folder = Files.createTempDirectory(
                "warren-stream-" + ProcessHandle.current().pid() + "-");
        try (RelayNetwork relay =
                        RelayNetwork.of(settings.pid(), settings.target().port());
                StreamBed bed = StreamBed.open(relay)) {
            progress.step("starting both ends");
            try (Pair pair = pair(relay, bed, folder)) {
                StreamRun run = new StreamRun(settings, relay, bed, pair);
                progress.step("warming up");
                run.warmUp();
                progress.step("one stream, and a ping beside it");
                run.measure(result);
            }
        } finally {
            remove(folder);
        }
        return result.build();
    }

    private Pair pair(RelayNetwork relay, StreamBed bed, Path folder) throws IOException, InterruptedException {
        DerpRegion region = RelayEntry.of(REGION, settings, relay);
        return switch (settings.ends()) {
            case WARREN -> AgentPair.start(bed, OurPrograms.of(environment), region, folder);
            case WIREGUARD_GO -> AdapterPair.start(bed, wireGuard(), region, new SecureRandom());
        };
    }

    private String transport() {
        if (settings.udpRelayKey() != null) {
            return "UDP relay";
        }
        return settings.target().tls() ? "TLS" : "plain";
    }

    private Implementation wireGuard() {
        return Implementation.parse(StreamSettings.Ends.WIREGUARD_GO.word(), environment);
    }

    private static void remove(Path folder) throws IOException {
        List<Path> all;
        try (Stream<Path> found = Files.walk(folder)) {
            all = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.deleteIfExists(path);
        }
    }
}
