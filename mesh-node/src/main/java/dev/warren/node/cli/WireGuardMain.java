package dev.warren.node.cli;

import dev.warren.node.WireGuardInterface;
import dev.warren.node.control.UapiServer;
import dev.warren.platform.config.Logging;
import dev.warren.platform.config.Program;
import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.UserError;
import dev.warren.platform.linux.StandardStreams;
import dev.warren.platform.linux.StopSignals;
import java.io.IOException;
import java.io.PrintStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * {@code warren-wireguard}: a plain WireGuard interface, with the command line and the environment of wireguard-go, so
 * that {@code wg-quick} can start it. A JVM cannot fork: the script of that name starts this in a session of its own and
 * waits for a line on the descriptor that {@value #READY} names.
 *
 * <p>Without picocli, unlike all other programs: its classes are too old a format for a class archive, and reading them
 * anew would be a third of the time to the first packet.
 */
public final class WireGuardMain {
    /** The variable with the number of the descriptor to tell that the interface is there; only the script sets it. */
    static final String READY = "WARREN_READY_FD";

    private static final String NAME = "warren-wireguard";
    private static final String LOG_LEVEL = "LOG_LEVEL";
    private static final String TUN_FD = "WG_TUN_FD";
    private static final String UAPI_FD = "WG_UAPI_FD";
    private static final String HELP =
            """
            Usage: warren-wireguard [-f|--foreground] [OPTIONS] NAME
            A plain WireGuard interface in user space, to be set up with wg, wg-quick and ip.
            Without -f it goes to the background once the interface and its socket in /var/run/wireguard are there.
            It ends by "ip link delete", by SIGTERM, or when its socket is removed.

              NAME                Name of the interface, 1 to 15 bytes; wg%d for the first free number.
              -f, --foreground    Stays in the foreground.
              --cipher=NAME       Whose ChaCha20-Poly1305 seals the packets: auto, libcrypto, vector or jdk.
              --no-tun-tcp        TCP passes the TUN device in single packets, both ways.
              --no-tun-udp        UDP passes the TUN device in single packets, both ways.
              --no-udp-gso        WireGuard's datagrams are sent one by one.
              --no-udp-gro        WireGuard's datagrams are received one by one.
              -h, --help          Shows this help.
              --version           Shows the version.

            Environment, as for wireguard-go:
              LOG_LEVEL=verbose|debug|error|silent   what is logged; in the background only when it is set
              WG_PROCESS_FOREGROUND=1                the same as -f
              WG_TUN_FD=N                            the descriptor of a TUN device, whose name is used instead of NAME
              WG_UAPI_FD=N                           the descriptor of a socket that listens for wg
            And for the daemon that wg-quick starts:
              WARREN_WIREGUARD_CIPHER=NAME           the same as --cipher
              WARREN_WIREGUARD_NO_TUN_TCP=true       the same as --no-tun-tcp, and so on
            """;

    private final Map<String, String> environment;
    private final PrintStream out;
    private final PrintStream error;

    WireGuardMain(Map<String, String> environment, PrintStream out, PrintStream error) {
        this.environment = environment;
        this.out = out;
        this.error = error;
    }

    /** Runs until the interface ends, and ends the JVM with the exit code. */
    public static void main(String... arguments) {
        System.exit(new WireGuardMain(System.getenv(), System.out, System.err).run(List.of(arguments)));
    }

    int run(List<String> arguments) {
        if (arguments.contains("--help") || arguments.contains("-h")) {
            out.print(HELP);
            return 0;
        }
        if (arguments.contains("--version")) {
            String version = WireGuardMain.class.getPackage().getImplementationVersion();
            out.println(NAME + " " + (version == null ? "development" : version));
            return 0;
        }
        WireGuardArguments parsed;
        try {
            parsed = WireGuardArguments.parse(arguments, environment);
        } catch (IllegalArgumentException wrong) {
            error.println(NAME + ": " + wrong.getMessage() + " (" + NAME + " --help)");
            return Program.USAGE;
        }
        Logging.setUp(logLevel(environment));
        try {
            serve(parsed);
            return 0;
        } catch (IOException | UserError refused) {
            error.println(NAME + ": " + Sentences.describe(refused));
            return Program.FAILED;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return Program.FAILED;
        }
    }

    /** wireguard-go's log level in our own words. */
    static String logLevel(Map<String, String> environment) {
        return switch (environment.getOrDefault(LOG_LEVEL, "")) {
            case "verbose", "debug" -> "debug";
            default -> "error";
        };
    }

    private void serve(WireGuardArguments arguments) throws IOException, InterruptedException {
        CompletableFuture<WireGuardInterface> opening = new CompletableFuture<>();
        AtomicBoolean ended = new AtomicBoolean();
        // Before the socket can be seen: whoever sees it may send a signal.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(opening, ended), "stop"));
        WireGuardInterface opened;
        try {
            opened = WireGuardInterface.open(
                    arguments.interfaceName(), arguments.acceleration(), UapiServer::socketPath, inherited());
            opening.complete(opened);
        } catch (IOException | RuntimeException refused) {
            ended.set(true);
            opening.completeExceptionally(refused);
            throw refused;
        }
        ready();
        String reason = reason(opened);
        ended.set(true);
        opened.close();
        if (!reason.isEmpty()) {
            throw new UserError(reason);
        }
    }

    private WireGuardInterface.Inherited inherited() throws IOException {
        String tun = environment.getOrDefault(TUN_FD, "");
        if (!tun.isEmpty() && !tun.matches("[0-9]{1,9}")) {
            throw new UserError(TUN_FD + "=" + tun + " is no number of a file descriptor");
        }
        return new WireGuardInterface.Inherited(
                tun.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(tun)), inheritedSocket());
    }

    /** The socket of WG_UAPI_FD, which the script has put where a JVM inherits one: on standard input. */
    private @Nullable ServerSocketChannel inheritedSocket() throws IOException {
        String descriptor = environment.getOrDefault(UAPI_FD, "");
        if (descriptor.isEmpty()) {
            return null;
        }
        if (System.inheritedChannel() instanceof ServerSocketChannel socket
                && socket.getLocalAddress() instanceof UnixDomainSocketAddress) {
            return socket;
        }
        throw new UserError(UAPI_FD + "=" + descriptor + " is no Unix socket that listens");
    }

    /** Goes to the background, as far as that is left to do here. */
    private void ready() throws IOException {
        String descriptor = environment.get(READY);
        String log = environment.getOrDefault(LOG_LEVEL, "");
        if (log.equals("silent") || (descriptor != null && log.isEmpty())) {
            StandardStreams.toDevNull();
        }
        if (descriptor != null) {
            StandardStreams.tellAndClose(Integer.parseInt(descriptor), "ready\n");
        }
    }

    /** At a signal, the exit code is 0, as wireguard-go's: somebody wanted it. */
    private static void stop(CompletableFuture<WireGuardInterface> opening, AtomicBoolean ended) {
        StopSignals.endAtOnce();
        if (ended.get()) {
            return;
        }
        try {
            opening.join().close();
        } catch (CompletionException refused) {
            return; // The main thread says why.
        }
        Runtime.getRuntime().halt(0);
    }

    private static String reason(WireGuardInterface opened) throws InterruptedException {
        try {
            return opened.ended().get();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("an interface ends with a reason, not with a failure", impossible);
        }
    }
}
