package dev.warren.node.cli;

import dev.warren.node.api.InterfaceConfig;
import dev.warren.node.api.InterfaceFile;
import dev.warren.node.api.TunnelManager;
import dev.warren.node.keys.KeyGenerations;
import dev.warren.node.keys.KeyId;
import dev.warren.node.keys.KeyManager;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/** {@code warren wireguard --config FILE NAME}: an interface as a file describes it, until somebody ends it. */
final class ConfiguredInterface {
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private final PrintWriter out;
    private final PrintWriter error;
    private final Supplier<KeyManager> keys;

    /** {@code keys} are asked for when the interface's own key changes. */
    ConfiguredInterface(PrintWriter out, PrintWriter error, Supplier<KeyManager> keys) {
        this.out = out;
        this.error = error;
        this.keys = keys;
    }

    /** Runs it; {@code tunnels} is closed at the end. Throws a UserError when it fails or ends by itself. */
    void run(TunnelManager tunnels, String name, Path file) throws IOException, InterruptedException {
        CompletableFuture<String> ended = new CompletableFuture<>();
        try (tunnels) {
            InterfaceFile.Content content = read(name, file);
            InterfaceConfig config = content.config();
            Supplier<KeyGenerations<NodePrivateKey>> kept = () -> keys.get().privateKeyGenerations(new KeyId(name));
            if (content.rotations().privateKey().isPresent()) {
                kept.get().requireUsable(); // before there is an interface, which would be gone again at once
            }
            tunnels.addListener(new News(ended));
            tunnels.create(config);
            content.rotations().begin(tunnels, config, kept);
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

    /** What its user should know. */
    private final class News implements TunnelManager.Listener {
        private final CompletableFuture<String> ended;

        News(CompletableFuture<String> ended) {
            this.ended = ended;
        }

        @Override
        public void ended(String name, String reason) {
            ended.complete(reason);
        }

        @Override
        public void nextKeyMade(String name, NodePublicKey current, NodePublicKey next, Instant from) {
            say("the public key of " + name + " is " + current.base64() + " until " + from + ", and then "
                    + next.base64() + ": its peers need that as NextPublicKey");
        }

        @Override
        public void peerKeyChanged(String name, NodePublicKey before, NodePublicKey now) {
            say("the peer " + before.base64() + " of " + name + " has changed to " + now.base64()
                    + ": that is its PublicKey in the file from now on");
        }

        private void say(String news) {
            out.println("warren: " + news);
            out.flush();
        }
    }

    private InterfaceFile.Content read(String name, Path file) throws IOException {
        try {
            InterfaceFile.Content content = InterfaceFile.read(name, file);
            if (Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
                error.println("warren: others may read " + file + ", and the keys in it: chmod 600 " + file);
                error.flush();
            }
            return content;
        } catch (NoSuchFileException missing) {
            throw new UserError("there is no file " + file + ": --config names the interface's configuration", missing);
        } catch (IllegalArgumentException wrong) {
            throw new UserError(String.valueOf(wrong.getMessage()), wrong);
        }
    }
}
