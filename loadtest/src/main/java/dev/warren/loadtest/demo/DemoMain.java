package dev.warren.loadtest.demo;

import dev.warren.platform.config.Program;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The demo's entry point. {@code demo exec} is the launcher's, as it has no need of a JVM. */
@Command(
        name = "demo",
        description = "A small internet with NATs in network namespaces of this machine, and a mesh across it.",
        footer = {
            "",
            "warren demo exec NODE -- COMMAND runs a command on node a, b, c or d of the running demo.",
            "Needs root, or user namespaces in which /dev/net/tun can be opened. Ctrl-C ends it and leaves nothing."
        })
public final class DemoMain implements Callable<Integer> {
    @Option(names = "--check", description = "Runs the whole story unattended; exit code 0 only if all of it holds.")
    private boolean check;

    @Option(names = "--seconds", paramLabel = "N", description = "Ends by itself after so many seconds; 0: never.")
    private long seconds;

    @Option(names = "--page-port", paramLabel = "PORT", description = "Loopback port of the status page; 0: any free.")
    private int pagePort;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    DemoMain() {}

    /** Runs the demo and ends the JVM with its exit code. */
    public static void main(String... arguments) {
        Program.main(new DemoMain(), arguments);
    }

    @Override
    public Integer call() {
        if (seconds < 0) {
            throw new UserError("--seconds " + seconds + " is in the past; give 0 or more");
        }
        PrintWriter out = spec.commandLine().getOut();
        Demo demo = new Demo(Launcher.of(System.getenv()), folder(), out);
        try {
            return check ? demo.check() : demo.show(seconds, pagePort);
        } catch (IOException failed) {
            throw new UserError(String.valueOf(failed.getMessage()), failed);
        }
    }

    @Command(name = "clean", description = "Removes what a killed demo left behind.")
    int clean() throws IOException {
        Path path = folder();
        PrintWriter out = spec.commandLine().getOut();
        if (DemoFolder.isThere(path)) {
            DemoFolder.claim(path).close();
            out.println("Removed " + path + "; no demo is left.");
        } else {
            out.println("Nothing to remove: " + path + " is not there.");
        }
        out.flush();
        return 0;
    }

    private static Path folder() {
        Map<String, String> environment = System.getenv();
        return DemoFolder.usual(environment, System.getProperty("user.name", "user"));
    }
}
