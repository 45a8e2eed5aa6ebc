package dev.warren.relay;

import dev.warren.platform.config.ServiceOptions;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.derp.DerpRegion;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a running relay follow its YAML file and the files that are named there; used on the reload thread. */
final class Follower {
    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

    private final ServiceOptions service;
    private final RelayServer server;
    private final PrintWriter out;
    private RelayConfig config;

    Follower(ServiceOptions service, RelayServer server, RelayConfig started, PrintWriter out) {
        this.service = service;
        this.server = server;
        this.config = started;
        this.out = out;
    }

    /** What to watch. */
    List<Path> files() {
        List<Path> files = new ArrayList<>(config.watchedFiles());
        service.file().ifPresent(files::add);
        return files;
    }

    /** Reads everything again. Settings that are wrong as a whole change nothing, but files are looked at all the same. */
    void reload(String reason) {
        LOG.info("reloading: {}", reason);
        DerpRegion before = server.mapEntry();
        try {
            RelayMain fresh = new RelayMain();
            service.readAgainInto(fresh);
            config = fresh.config();
            server.reloads().settingsRead();
        } catch (UserError broken) {
            server.reloads().failed(Reloads.SETTINGS, broken);
        }
        List<String> left = server.reload(config);
        if (!left.isEmpty()) {
            LOG.warn("changed, but followed only by a restart: {}", String.join(", ", left));
        }
        if (!server.mapEntry().equals(before)) {
            LOG.info("the relay's entry in maps has changed: give others the new one");
            RelayMain.announceEntry(server.mapEntry(), out);
        }
    }
}
