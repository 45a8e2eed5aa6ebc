package dev.warren.node.cli;

import dev.warren.node.control.ControlClient;
import dev.warren.node.control.ControlCodec;
import dev.warren.node.control.ControlReply;
import dev.warren.node.control.ControlRequest;
import dev.warren.node.control.NodeStatus;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code warren status}. */
@Command(name = "status", description = "Shows the peers of the running node: addresses, path, latency, bytes.")
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private final StateFolder state = new StateFolder();

    @Option(names = "--json", description = "Prints JSON instead of a table.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        NodeStatus status = ask();
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? ControlCodec.pretty(status) + "\n" : StatusTable.render(status));
        out.flush();
        return 0;
    }

    private NodeStatus ask() throws IOException {
        try (ControlClient client = ControlClient.connect(state.path())) {
            client.send(new ControlRequest.Status());
            ControlReply reply = client.next();
            if (reply instanceof ControlReply.Status answer) {
                return answer.status();
            }
            throw new UserError(Replies.refusal(reply));
        }
    }
}
