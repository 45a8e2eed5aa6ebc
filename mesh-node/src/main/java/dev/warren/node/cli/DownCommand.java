package dev.warren.node.cli;

import dev.warren.node.control.ControlClient;
import dev.warren.node.control.ControlReply;
import dev.warren.node.control.ControlRequest;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code warren down}. */
@Command(name = "down", description = "Stops the running node; its interface and routes go with it.")
final class DownCommand implements Callable<Integer> {
    @Mixin
    private final StateFolder state = new StateFolder();

    @Override
    public Integer call() throws IOException {
        try (ControlClient client = ControlClient.connect(state.path())) {
            client.send(new ControlRequest.Down());
            ControlReply reply = client.next();
            if (!(reply instanceof ControlReply.Done)) {
                throw new UserError(Replies.refusal(reply));
            }
            client.awaitEnd();
        }
        return 0;
    }
}
