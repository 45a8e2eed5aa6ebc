package dev.warren.node.cli;

import dev.warren.node.MeshNode;
import dev.warren.node.NodeConfig;
import dev.warren.node.control.NodeStatus;
import dev.warren.platform.config.InitSystem;
import dev.warren.platform.config.SecretFile;
import dev.warren.platform.config.ServiceOptions;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.coordination.CoordinationFormatException;
import dev.warren.protocol.coordination.JoinToken;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code warren up}: the agent, in the foreground until it is told to stop. */
@Command(name = "up", description = "Joins the mesh and carries its traffic, in the foreground.")
final class UpCommand implements Callable<Integer> {
    private static final int MAX_INTERFACE_NAME = 15;

    @Mixin
    private final StateFolder state = new StateFolder();

    @Option(names = "--token", paramLabel = "TOKEN", description = "Join token; needed at the first start only.")
    private @Nullable String token;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "File with the join token, which then does not show in the list of processes; mode 0600.")
    private @Nullable Path tokenFile;

    @Option(
            names = "--interface",
            paramLabel = "NAME",
            description = "Name of the TUN device.",
            defaultValue = NodeConfig.DEFAULT_INTERFACE)
    private String interfaceName = NodeConfig.DEFAULT_INTERFACE;

    @Option(names = "--port", paramLabel = "N", description = "UDP port of WireGuard; 0 = any.", defaultValue = "0")
    private int port;

    @Option(names = "--hostname", paramLabel = "NAME", description = "Name in the mesh; default: this machine's.")
    private @Nullable String hostName;

    @Mixin
    private final AccelerationOptions acceleration = new AccelerationOptions();

    @Mixin
    private final Passphrase passphrase = new Passphrase();

    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        MeshNode node = MeshNode.start(config(), passphrase.keys(state));
        InitSystem initSystem = InitSystem.own();
        Thread atSignal = new Thread(() -> initSystem.stop(node::close), "stop");
        Runtime.getRuntime().addShutdownHook(atSignal);
        tell(node);
        initSystem.ready();
        String reason = reason(node);
        // By "warren down", or by itself; at a signal it is told twice, which means nothing to it.
        initSystem.stop(node::close);
        if (!reason.isEmpty()) {
            throw new UserError(reason);
        }
        return 0;
    }

    private NodeConfig config() throws IOException {
        if (interfaceName.isEmpty() || interfaceName.length() > MAX_INTERFACE_NAME || interfaceName.contains("/")) {
            throw new UserError("\"" + interfaceName + "\" is no name for an interface: give 1 to " + MAX_INTERFACE_NAME
                    + " characters without a slash with --interface");
        }
        if (port < 0 || port > 65_535) {
            throw new UserError(service.named("--port") + " is not between 0 and 65535");
        }
        return new NodeConfig(
                state.path(),
                joinToken(),
                interfaceName,
                port,
                hostName == null ? machineName() : hostName,
                version(),
                acceleration.acceleration());
    }

    private @Nullable JoinToken joinToken() throws IOException {
        if (token != null && tokenFile != null) {
            throw new UserError("give the token once: with --token or with --token-file");
        }
        try {
            String text = tokenFile == null ? token : SecretFile.readGuarded(tokenFile);
            if (text == null && tokenFile != null) {
                throw new UserError("--token-file " + tokenFile + " does not exist: put the token there, made by"
                        + " \"warren coordinator token create\", with mode 0600");
            }
            return text == null ? null : JoinToken.decode(text);
        } catch (CoordinationFormatException wrong) {
            throw new UserError(
                    (tokenFile == null ? "" : "--token-file " + tokenFile + ": ") + wrong.getMessage(), wrong);
        }
    }

    private void tell(MeshNode node) throws InterruptedException {
        NodeStatus.Self self = node.status().node();
        PrintWriter out = spec.commandLine().getOut();
        out.println("warren: up as " + self.name() + " (" + String.join(", ", self.addresses()) + ") on "
                + self.networkInterface() + ", UDP port " + self.listenPort()
                + "; \"warren status\" shows the peers, Ctrl-C ends it");
        out.flush();
    }

    private static String reason(MeshNode node) throws InterruptedException {
        try {
            return node.ended().get();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("a node ends with a reason, not with a failure", impossible);
        }
    }

    private static String machineName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "node";
        }
    }

    private static String version() {
        String version = UpCommand.class.getPackage().getImplementationVersion();
        return "warren " + (version == null ? "development" : version);
    }
}
