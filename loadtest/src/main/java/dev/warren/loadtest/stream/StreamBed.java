package dev.warren.loadtest.stream;

import dev.warren.loadtest.sandbox.Sandbox;
import dev.warren.loadtest.sandbox.Shell;
import dev.warren.loadtest.tunnel.End;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Two ends in a sandbox of their own, each with a cable to the relay's network and no other. All of it ends with this
 * process at the latest, by the kernel's hand.
 */
final class StreamBed implements AutoCloseable {
    private final Sandbox sandbox;
    private final RelayNetwork relay;
    private final End left;
    private final End right;

    private StreamBed(Sandbox sandbox, RelayNetwork relay, End left, End right) {
        this.sandbox = sandbox;
        this.relay = relay;
        this.left = left;
        this.right = right;
    }

    /** A bed around the relay; the UserError says what this machine does not allow. */
    static StreamBed open(RelayNetwork relay) throws IOException {
        Sandbox sandbox = Sandbox.start("the stream's load test", "./warren loadtest stream");
        try {
            relay.address();
            End left = End.open(sandbox, 1, "");
            End right = End.open(sandbox, 2, "");
            relay.connect(left, 1);
            relay.connect(right, 2);
            return new StreamBed(sandbox, relay, left, right);
        } catch (IOException | RuntimeException failed) {
            sandbox.close();
            throw failed;
        }
    }

    /** The end that sends. */
    End left() {
        return left;
    }

    /** The end that receives. */
    End right() {
        return right;
    }

    /** Starts a program beside the relay, in its network; what it prints goes to {@code log}. It ends with this bed. */
    Process startBesideRelay(List<String> command, Path log) throws IOException {
        List<String> all = new ArrayList<>(
                List.of("nsenter", "--target", Long.toString(sandbox.processId()), "--mount", "--pid", "--"));
        all.addAll(command);
        return relay.call(() -> Shell.start(all, log));
    }

    /** Ends every process of the bed; its namespaces and interfaces go with them. */
    @Override
    public void close() {
        left.close();
        right.close();
        sandbox.close();
    }
}
