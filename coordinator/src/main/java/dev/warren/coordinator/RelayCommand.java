package dev.warren.coordinator;

import dev.warren.coordinator.api.OperatorSocket;
import dev.warren.coordinator.registry.RegisteredRelay;
import dev.warren.platform.config.Program;
import dev.warren.protocol.coordination.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code warren coordinator relay}. */
@Command(
        name = "relay",
        description = "Shows and removes the relays that register themselves.",
        subcommands = {RelayCommand.ListRelays.class, RelayCommand.Remove.class})
final class RelayCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (spec != null) {
            throw new ParameterException(
                    spec.commandLine(), "say what to do with relays: relay list, or relay remove RELAY");
        }
        return Program.USAGE;
    }

    /** What {@code --json} prints. */
    private record Listing(List<RegisteredRelay> relays) {}

    /** {@code warren coordinator relay list}. */
    @Command(
            name = "list",
            description =
                    "Shows the relays that register themselves, of the coordinator that runs with this data folder.")
    static final class ListRelays implements Callable<Integer> {
        @Option(names = "--data-dir", paramLabel = "DIR", description = "The running coordinator's data folder.")
        private @Nullable Path dataDir;

        @Option(names = "--json", description = "Prints everything as JSON, on one line.")
        private boolean json;

        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            List<RegisteredRelay> relays = OperatorSocket.relays(CoordinatorMain.required(spec, dataDir));
            PrintWriter out = CoordinatorMain.out(spec);
            if (json) {
                out.println(Json.encodeText(new Listing(relays)));
            } else {
                RelayTable.print(relays, out);
            }
            out.flush();
            return 0;
        }
    }

    /** {@code warren coordinator relay remove}. */
    @Command(
            name = "remove",
            description = {
                "Takes a relay that registers itself out of the map, at once and for good.",
                "Its clients stay connected until they hear of the new map. It comes back with a token that is made"
                        + " afterwards, and with none of before."
            })
    static final class Remove implements Callable<Integer> {
        @Parameters(
                paramLabel = "RELAY",
                description = "Its name, HOST, HOST:PORT or identity, as \"relay list\" shows them.")
        private String relay = "";

        @Option(names = "--data-dir", paramLabel = "DIR", description = "The running coordinator's data folder.")
        private @Nullable Path dataDir;

        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            RegisteredRelay removed = OperatorSocket.removeRelay(CoordinatorMain.required(spec, dataDir), relay);
            PrintWriter out = CoordinatorMain.out(spec);
            out.println("removed " + removed.name() + ", " + removed.host() + ":" + removed.port() + " in region "
                    + removed.region());
            out.flush();
            return 0;
        }
    }
}
