package dev.warren.node.cli;

import dev.warren.node.WireGuardInterface;
import dev.warren.node.api.TunnelManager;
import dev.warren.node.control.UapiServer;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code warren wireguard}: a plain WireGuard interface, in the foreground until it is told to stop. */
@Command(
        name = "wireguard",
        description = "A plain WireGuard interface without a mesh, to be set up with wg and ip; ends by Ctrl-C,"
                + " \"ip link delete\", or when its socket in /var/run/wireguard is removed.")
final class WireGuardCommand implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "Name of the interface, 1 to 15 bytes.")
    private String interfaceName = "";

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Sets it up and switches it on as FILE says: what \"wg setconf\" reads, with Address and MTU"
                    + " in [Interface]; endpoints may be host names, and keys may change by"
                    + " schedule (docs/api.md).")
    private @Nullable Path config;

    @Option(
            names = {"-f", "--foreground"},
            description = "Stays in the foreground, as it always does; accepted because wireguard-go needs it.")
    @SuppressWarnings("UnusedVariable") // only there so that the flag is known
    private boolean foreground;

    @Mixin
    private final StateFolder state = new StateFolder();

    @Mixin
    private final Passphrase passphrase = new Passphrase();

    @Mixin
    private final AccelerationOptions acceleration = new AccelerationOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (config != null) {
            new ConfiguredInterface(
                            spec.commandLine().getOut(), spec.commandLine().getErr(), () -> passphrase.keys(state))
                    .run(TunnelManager.openToWg(acceleration.acceleration()), interfaceName, config);
            return 0;
        }
        WireGuardInterface opened = WireGuardInterface.open(
                interfaceName,
                acceleration.acceleration(),
                UapiServer::socketPath,
                WireGuardInterface.Inherited.NOTHING);
        Runtime.getRuntime().addShutdownHook(new Thread(opened::close, "stop"));
        PrintWriter out = spec.commandLine().getOut();
        out.println("warren: WireGuard interface " + opened.name() + " is open, UDP port " + opened.port()
                + "; \"wg set " + opened.name() + " ...\" configures it, Ctrl-C ends it");
        out.flush();
        String reason = reason(opened);
        opened.close();
        if (!reason.isEmpty()) {
            throw new UserError(reason);
        }
        return 0;
    }

    private static String reason(WireGuardInterface opened) throws InterruptedException {
        try {
            return opened.ended().get();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("an interface ends with a reason, not with a failure", impossible);
        }
    }
}
