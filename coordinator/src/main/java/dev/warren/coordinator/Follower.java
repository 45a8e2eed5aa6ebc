package dev.warren.coordinator;

import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.ServiceOptions;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a running coordinator follow the relays of its settings; used on the reload thread. */
final class Follower {
    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

    private final ServiceOptions service;
    private final CoordinatorServer server;
    private final CoordinatorConfig started;
    private Optional<Path> relayMap;

    Follower(ServiceOptions service, CoordinatorServer server, CoordinatorConfig started, @Nullable Path relayMap) {
        this.service = service;
        this.server = server;
        this.started = started;
        this.relayMap = Optional.ofNullable(relayMap);
    }

    /** What to watch. */
    List<Path> files() {
        return Stream.of(relayMap, service.file()).flatMap(Optional::stream).toList();
    }

    /** Reads the settings and the relays' file again; when something is wrong with them the map stays as it was. */
    void reload(String reason) {
        try {
            CoordinatorMain fresh = new CoordinatorMain();
            service.readAgainInto(fresh);
            CoordinatorConfig next = fresh.config();
            relayMap = Optional.ofNullable(fresh.relayMap());
            boolean changed = server.changeRelays(next.relays());
            LOG.info("reloaded ({}): the map {}", reason, changed ? "has changed" : "is as before");
            List<String> left = started.needRestart(next);
            if (!left.isEmpty()) {
                LOG.warn("changed, but followed only by a restart: {}", String.join(", ", left));
            }
        } catch (UserError | IOException broken) {
            LOG.error("not reloaded ({}), the relays stay as they were: {}", reason, Sentences.describe(broken));
        }
    }
}
