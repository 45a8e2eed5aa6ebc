package dev.warren.node.control;

import dev.warren.node.keys.KeyId;
import dev.warren.node.keys.KeyManager;
import dev.warren.node.keys.PassphraseSource;
import dev.warren.platform.config.SecretFile;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.coordination.CoordinationFormatException;
import dev.warren.protocol.coordination.JoinToken;
import dev.warren.protocol.coordination.Json;
import dev.warren.protocol.coordination.WatchFrame;
import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.PassphraseCost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a node keeps in its state folder: its keys (mode 0600, made at the first start), which mesh it joined, whom it
 * met there, and the last map, so that tunnels come up while the coordinator is away. Every file is replaced as a
 * whole.
 */
public final class NodeState {
    /** The name of the key that says who a node is. */
    public static final KeyId IDENTITY = new KeyId("identity");
    /** The name of a node's WireGuard key. */
    public static final KeyId NODE_KEY = new KeyId("node");

    private static final String MEMBERSHIP = "membership.json";
    private static final String PEERS = "peers.json";
    private static final String MAP = "map.json";

    private final Path folder;
    private final IdentityPrivateKey identity;
    private final NodePrivateKey nodeKey;

    private NodeState(Path folder, IdentityPrivateKey identity, NodePrivateKey nodeKey) {
        this.folder = folder;
        this.identity = identity;
        this.nodeKey = nodeKey;
    }

    /** Whether a node has been started with {@code folder}, so that it has keys. */
    public static boolean exists(Path folder) {
        return exists(new KeyManager(KeyManager.Settings.of(folder)));
    }

    /** The same for keys that may be elsewhere than in the state folder. */
    public static boolean exists(KeyManager keys) {
        return keys.identityKeys().exists(IDENTITY) && keys.privateKeys().exists(NODE_KEY);
    }

    /**
     * Throws the {@link UserError} that a start with {@code folder} and this token would end with because there is no mesh
     * to be in, or two. Makes nothing.
     */
    public static void requireMesh(Path folder, @Nullable JoinToken token) throws IOException {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new UserError(folder + " is no folder: remove it, or name a folder with --state-dir");
        }
        var _ = Membership.choose(membership(folder), token);
    }

    /**
     * Opens {@code folder}, making it and the keys where they are missing; throws {@link UserError} for broken files.
     */
    public static NodeState open(Path folder, RandomGenerator random) throws IOException {
        return open(
                folder,
                new KeyManager(
                        new KeyManager.Settings(folder, null, PassphraseSource.none(), PassphraseCost.USUAL, random)));
    }

    /** The same, with the keys that {@code keys} has: systemd's credentials, or sealed ones. */
    public static NodeState open(Path folder, KeyManager keys) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        return new NodeState(
                folder,
                keys.identityKeys().loadOrGenerate(IDENTITY),
                keys.privateKeys().loadOrGenerate(NODE_KEY));
    }

    /** Who this node is. */
    public IdentityPrivateKey identity() {
        return identity;
    }

    /** Its WireGuard key, also its name on relays. */
    public NodePrivateKey nodeKey() {
        return nodeKey;
    }

    /** The mesh that this node joined; null before the first join. */
    public @Nullable Membership membership() throws IOException {
        return membership(folder);
    }

    private static @Nullable Membership membership(Path folder) throws IOException {
        return read(folder, MEMBERSHIP, Membership.class, false);
    }

    /** The map as it was last kept; null when there is none or it cannot be read, which only costs waiting. */
    public WatchFrame.@Nullable Full cachedMap() throws IOException {
        return read(folder, MAP, WatchFrame.Full.class, true);
    }

    void join(Membership membership) throws IOException {
        write(MEMBERSHIP, membership);
    }

    void cacheMap(WatchFrame.Full map) throws IOException {
        write(MAP, map);
    }

    PeerPins.Held pins() throws IOException {
        PeerPins.Held held = read(folder, PEERS, PeerPins.Held.class, false);
        return held == null ? PeerPins.Held.NONE : held;
    }

    void keepPins(PeerPins.Held pins) throws IOException {
        write(PEERS, pins);
    }

    private static <T> @Nullable T read(Path folder, String name, Class<T> type, boolean lenient) throws IOException {
        Path file = folder.resolve(name);
        String text = SecretFile.read(file);
        if (text == null) {
            return null;
        }
        try {
            return Json.decodeText(text, type);
        } catch (CoordinationFormatException broken) {
            if (lenient) {
                return null;
            }
            throw new UserError(
                    file + " is damaged (" + broken.getMessage()
                            + "): restore it, or remove the state folder and join anew with a token",
                    broken);
        }
    }

    private void write(String name, Record value) throws IOException {
        SecretFile.write(folder.resolve(name), Json.encodeText(value) + "\n");
    }
}
