package dev.warren.node.cli;

import dev.warren.node.control.ControlClient;
import dev.warren.node.control.ControlReply;
import dev.warren.node.control.ControlRequest;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code warren ping}: exit code 0 when the last ping was answered. */
@Command(name = "ping", description = "Pings a peer under the tunnel and says over which path each answer came.")
final class PingCommand implements Callable<Integer> {
    private static final int UNANSWERED = 1;

    @Mixin
    private final StateFolder state = new StateFolder();

    @Parameters(paramLabel = "PEER", description = "Its name, one of its mesh addresses, or its node key.")
    private String peer = "";

    @Option(
            names = {"-c", "--count"},
            paramLabel = "N",
            description = "How many pings, 1 to " + ControlRequest.Ping.MOST + ".",
            defaultValue = "4")
    private int count;

    @Option(names = "--until-direct", description = "Ends as soon as an answer came over a direct path.")
    private boolean untilDirect;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (count < 1 || count > ControlRequest.Ping.MOST) {
            throw new UserError("--count " + count + " is out of range: give 1 to " + ControlRequest.Ping.MOST);
        }
        PrintWriter out = spec.commandLine().getOut();
        boolean answered = false;
        try (ControlClient client = ControlClient.connect(state.path())) {
            client.send(new ControlRequest.Ping(peer, count, untilDirect));
            for (ControlReply reply = client.next(); !(reply instanceof ControlReply.Done); reply = client.next()) {
                answered = show(reply, out);
            }
        }
        return answered ? 0 : UNANSWERED;
    }

    private static boolean show(@Nullable ControlReply reply, PrintWriter out) throws IOException {
        boolean answered = reply instanceof ControlReply.Pong;
        if (reply instanceof ControlReply.Pong pong) {
            out.println(Replies.line(pong));
        } else if (reply instanceof ControlReply.Lost lost) {
            out.println(Replies.line(lost));
        } else {
            throw new UserError(Replies.refusal(reply));
        }
        out.flush();
        return answered;
    }
}
