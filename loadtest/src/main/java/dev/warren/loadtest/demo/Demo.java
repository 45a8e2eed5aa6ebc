package dev.warren.loadtest.demo;

import dev.warren.loadtest.sandbox.Sandbox;
import dev.warren.loadtest.sandbox.Shell;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One run of the demo, from the empty folder to the empty folder. Owned by the main thread; a signal ends it from a
 * hook.
 */
final class Demo {
    private static final long REDRAW_MILLIS = 1_000;
    /** Without a terminal to redraw on, the table is printed now and then. */
    private static final int PLAIN_EVERY = 10;

    private final Launcher launcher;
    private final Path path;
    private final PrintWriter out;
    private final boolean terminal =
            Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    private final List<AutoCloseable> open = new ArrayList<>();

    Demo(Launcher launcher, Path path, PrintWriter out) {
        this.launcher = launcher;
        this.path = path;
        this.out = out;
    }

    /** Shows the mesh until Ctrl-C, or for {@code seconds} unless that is 0; returns the exit code. */
    int show(long seconds, int pagePort) throws IOException {
        return run(running -> {
            PageForwarder page =
                    opened(PageForwarder.start(pagePort, running.mesh().coordinatorNetwork(), Mesh.STATUS_PAGE));
            Picture.lines().forEach(out::println);
            Hints.lines(running.mesh().machine("b").status(), page.url()).forEach(out::println);
            keepTalking(running.mesh());
            long endNanos = seconds == 0 ? Long.MAX_VALUE : System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            int printed = 0;
            for (int round = 0; System.nanoTime() < endNanos; round++) {
                running.mesh().mustRun();
                printed = draw(running.mesh(), round, printed);
                Service.pause(REDRAW_MILLIS);
            }
            return 0;
        });
    }

    /** Runs the whole story; returns 0 when all of it holds. */
    int check() throws IOException {
        long start = System.nanoTime();
        Checklist list = new Checklist(out);
        Leftovers leftovers = Leftovers.before();
        run(running -> {
            list.line(
                    "relay, STUN, coordinator, four nodes joined",
                    () -> String.format(Locale.ROOT, "%.1f s from the start", (System.nanoTime() - start) / 1e9));
            new Story(running.mesh(), running.internet(), list).run();
            leftovers.noteProcesses(running.sandbox().processId());
            if (!list.holds()) {
                running.folder().keepLogs();
                out.println("        the programs' logs are kept in " + path + " until the next demo");
            }
            return 0;
        });
        if (list.holds()) {
            list.line("nothing is left behind", () -> leftovers.check(path));
        }
        list.summary(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start));
        return list.holds() ? 0 : 1;
    }

    private record Running(DemoFolder folder, Sandbox sandbox, Internet internet, Mesh mesh) {}

    @FunctionalInterface
    private interface Act {
        int play(Running running) throws IOException;
    }

    private int run(Act act) throws IOException {
        Thread hook = new Thread(this::closeAll, "demo-end");
        DemoFolder folder = opened(DemoFolder.claim(path));
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            say("Making a small internet in network namespaces ...");
            Sandbox sandbox = opened(Sandbox.start("the demo", "./warren demo"));
            folder.noteSandbox(sandbox.processId());
            Internet internet = Internet.build(sandbox, folder.path());
            say("Starting relay, STUN server, coordinator, and the nodes a, b, c and d ...");
            Mesh mesh = opened(Mesh.start(internet, launcher, folder.path()));
            return act.play(new Running(folder, sandbox, internet, mesh));
        } finally {
            closeAll();
            removeHook(hook);
        }
    }

    /** Ends what was opened, last first; from the main thread or the hook, whichever comes first. */
    private void closeAll() {
        synchronized (open) {
            for (AutoCloseable resource : open.reversed()) {
                try {
                    resource.close();
                } catch (Exception failed) {
                    out.println("warren demo: " + failed.getMessage());
                }
            }
            open.clear();
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        synchronized (open) {
            open.add(resource);
        }
        return resource;
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyEnding) {
            // The hook runs already; there is nothing more to end.
        }
    }

    /** A ping a second between all pairs, so that paths are found and measured. */
    private void keepTalking(Mesh mesh) throws IOException {
        for (int first = 0; first < Mesh.NAMES.size(); first++) {
            for (int second = first + 1; second < Mesh.NAMES.size(); second++) {
                Machine machine = mesh.machine(Mesh.NAMES.get(first));
                Shell.start(machine.on(List.of("ping", "-q", Mesh.NAMES.get(second))), Path.of("/dev/null"));
            }
        }
    }

    /** Draws the table over the {@code printed} lines before; returns how many lines it has now. */
    private int draw(Mesh mesh, int round, int printed) {
        if (!terminal && round % PLAIN_EVERY != 1) {
            return 0;
        }
        List<String> lines = new ArrayList<>(List.of(""));
        lines.addAll(PairTable.lines(mesh.statuses()));
        if (terminal && printed > 0) {
            // Up to the first line of the table, and clear from there (ECMA-48: CUU, ED).
            out.print("\033[" + printed + "A\033[J");
        }
        lines.forEach(out::println);
        out.flush();
        return lines.size();
    }

    private void say(String text) {
        out.println(text);
        out.flush();
    }
}
