package dev.warren.node.cli;

import dev.warren.platform.config.Program;
import dev.warren.platform.config.UserError;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The agent's entry point: {@code up}, {@code down}, {@code status}, {@code ping}, {@code netcheck}, {@code keys}, {@code wireguard}. */
@Command(
        name = "warren",
        description = "The agent of a Warren mesh.",
        subcommands = {
            UpCommand.class,
            DownCommand.class,
            StatusCommand.class,
            PingCommand.class,
            NetcheckCommand.class,
            KeysCommand.class,
            WireGuardCommand.class
        })
public final class NodeMain implements Callable<Integer> {
    NodeMain() {}

    /** All of the agent's commands, to be looked at or run. */
    public static Object command() {
        return new NodeMain();
    }

    /** Runs a command and ends the JVM with its exit code. */
    public static void main(String... arguments) {
        Program.main(new NodeMain(), arguments);
    }

    @Override
    public Integer call() {
        throw new UserError("say what the agent shall do: up, down, status, ping, netcheck, keys or wireguard");
    }
}
