package dev.warren.stun;

import dev.warren.platform.config.HostPort;
import dev.warren.platform.config.Program;
import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.ServiceOptions;
import dev.warren.platform.net.Transport;
import dev.warren.platform.ops.OpsServer;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code warren stun}: tells whoever asks under which address and port the world sees them. */
@Command(
        name = "stun",
        description = "Runs a STUN server (RFC 8489; answers Tailscale's and RFC 3489's requests too).",
        footer = "It keeps no state: start as many as you like, and stop them with Ctrl-C or SIGTERM.")
public final class StunMain implements Callable<Integer> {
    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = ":3478",
            description = "UDP address; may be repeated. Without a host: all addresses, IPv4 and IPv6.")
    private List<HostPort> listen = List.of();

    @Option(
            names = "--transport",
            paramLabel = "auto|epoll|io_uring|nio",
            defaultValue = "auto",
            description = "The kernel interface; auto is epoll where it works.")
    private Transport transport = Transport.AUTO;

    @Option(
            names = "--ops-listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:9478",
            description = "TCP address of /metrics, /healthz and /readyz. Without a host: loopback.")
    private HostPort opsListen = new HostPort("127.0.0.1", 0);

    @Mixin
    @SuppressWarnings("UnusedVariable") // Program looks for it.
    private final ServiceOptions service = new ServiceOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Runs the program; ends the JVM. */
    public static void main(String[] arguments) {
        Program.main(new StunMain(), arguments);
    }

    @Override
    public Integer call() throws InterruptedException {
        StunServer server = StunServer.start(new StunConfig(
                listen.stream().map(HostPort::listenAddress).toList(), transport, OpsServer.listenAddress(opsListen)));
        PrintWriter out = spec.commandLine().getOut();
        server.addresses()
                .forEach(address ->
                        out.println("STUN on udp " + Sentences.hostPort(address) + " by " + transport.resolved()));
        server.opsAddress()
                .ifPresent(address -> out.println("metrics on http://" + Sentences.hostPort(address) + "/metrics"));
        out.flush();
        Program.serveUntilStopped(server);
        return 0;
    }
}
