package dev.warren.node.cli;

import dev.warren.node.api.InterfaceConfig;
import dev.warren.node.api.InterfaceFile;
import dev.warren.node.api.TunnelManager;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** {@code warren wireguard --config FILE NAME}: an interface as a file describes it, until somebody ends it. */
final class ConfiguredInterface {
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private final PrintWriter out;
    private final PrintWriter error;

    ConfiguredInterface(PrintWriter out, PrintWriter error) {
        this.out = out;
        this.error = error;
    }

    /** Runs it; {@code tunnels} is closed at the end. Throws a UserError when it fails or ends by itself. */
    void run(TunnelManager tunnels, String name, Path file) throws IOException, InterruptedException {
        CompletableFuture<String> ended = new CompletableFuture<>();
        try (tunnels) {
            InterfaceConfig config = read(name, file);
            tunnels.addListener((_, reason) -> ended.complete(reason));
            tunnels.create(config);
            int port = tunnels.statistics(name).listenPort();
            Runtime.getRuntime().addShutdownHook(new Thread(tunnels::close, "stop"));
            out.println("warren: WireGuard interface " + name + " is up, UDP port " + port + ", peers: "
                    + config.peers().size() + "; routes are yours to set, Ctrl-C ends it");
            out.flush();
            String reason = ended.get();
            if (!reason.isEmpty()) {
                throw new UserError(reason);
            }
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("an interface ends with a reason, not with a failure", impossible);
        }
    }

    private InterfaceConfig read(String name, Path file) throws IOException {
        try {
            InterfaceConfig config = InterfaceFile.load(name, file);
            if (Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
                error.println("warren: others may read " + file + ", and the keys in it: chmod 600 " + file);
                error.flush();
            }
            return config;
        } catch (NoSuchFileException missing) {
            throw new UserError("there is no file " + file + ": --config names the interface's configuration", missing);
        } catch (IllegalArgumentException wrong) {
            throw new UserError(String.valueOf(wrong.getMessage()), wrong);
        }
    }
}
