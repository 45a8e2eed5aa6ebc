package dev.warren.loadtest;

import dev.warren.loadtest.compare.CompareCommand;
import dev.warren.loadtest.relay.RelayCommand;
import dev.warren.loadtest.relay.SoakCommand;
import dev.warren.loadtest.report.ReportCommand;
import dev.warren.loadtest.stream.StreamCommand;
import dev.warren.loadtest.stun.StunCommand;
import dev.warren.loadtest.tunnel.TunnelCommand;
import dev.warren.platform.config.Program;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The measuring instrument's entry point. */
@Command(
        name = "loadtest",
        description = "Drives relays, STUN servers and tunnels, ours or anybody's, and shows who is faster.",
        subcommands = {
            CompareCommand.class,
            RelayCommand.class,
            ReportCommand.class,
            SoakCommand.class,
            StreamCommand.class,
            StunCommand.class,
            TunnelCommand.class
        })
public final class LoadtestMain implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before run()
    private CommandSpec spec;

    LoadtestMain() {}

    /** Runs the sub-command and ends the JVM with its exit code. */
    public static void main(String... arguments) {
        Program.main(new LoadtestMain(), arguments);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to measure");
    }
}
