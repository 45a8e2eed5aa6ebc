package dev.warren.node.api;

import dev.warren.platform.config.TextFile;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.PresharedKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Configuration files as {@code wg setconf} reads them, with the interface's {@code Address} and {@code MTU} beside, as
 * in those of {@code wg-quick}, a peer's {@code NextPublicKey}, and which keys change. What {@code wg-quick} does with other programs
 * (commands, DNS, routes) is refused rather than left out in silence.
 */
public final class InterfaceFile {
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private InterfaceFile() {}

    /**
     * What a file says.
     *
     * @param config the interface
     * @param rotations which of its keys change
     */
    public record Content(InterfaceConfig config, RotationPlan rotations) {}

    /** Reads a file in which no key changes, as {@link #read}; one that does is refused. */
    public static InterfaceConfig load(String name, Path path) throws IOException {
        return withoutRotations(read(name, path));
    }

    /** Reads the file for the interface {@code name}. Throws IllegalArgumentException with a sentence for its author. */
    public static Content read(String name, Path path) throws IOException {
        requireNoWait(path);
        String text;
        try {
            text = TextFile.read(path, "a configuration file of an interface");
        } catch (UserError noConfiguration) {
            throw new IllegalArgumentException(noConfiguration.getMessage(), noConfiguration);
        }
        try {
            return readText(name, text);
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(path + ": " + wrong.getMessage(), wrong);
        }
    }

    /**
     * What a shell hands over under /dev, as for {@code <(...)}, is written already; a pipe by any other name may wait for
     * its writer for ever.
     */
    private static void requireNoWait(Path path) {
        boolean isHandedOver = path.startsWith("/dev") || path.startsWith("/proc");
        if (!isHandedOver && Files.exists(path) && !Files.isRegularFile(path) && !Files.isDirectory(path)) {
            throw new IllegalArgumentException(path + " is no regular file, and reading it may never end: give a"
                    + " configuration file of an interface, or /dev/stdin");
        }
    }

    /** Reads a file's {@code text} in which no key changes, as {@link #readText}; one that does is refused. */
    public static InterfaceConfig parse(String name, String text) {
        return withoutRotations(readText(name, text));
    }

    private static InterfaceConfig withoutRotations(Content content) {
        if (!content.rotations().isEmpty()) {
            throw new IllegalArgumentException(
                    "keys change by this file: InterfaceFile.read tells which, and RotationPlan.begin does it");
        }
        return content.config();
    }

    /**
     * Reads a file's {@code text} for the interface {@code name}; keys are known in any case, and of a value that is
     * there twice the last counts. Throws IllegalArgumentException with the line and a sentence.
     */
    public static Content readText(String name, String text) {
        InterfaceFileParser parser = new InterfaceFileParser(name);
        // Some editors put a byte order mark in front, which nobody sees.
        text.substring(text.startsWith(BYTE_ORDER_MARK) ? 1 : 0).lines().forEach(parser::line);
        return parser.finish();
    }

    /** The text that {@link #parse} reads back; it holds the private and the preshared keys. */
    public static String text(InterfaceConfig config) {
        StringBuilder out = new StringBuilder("[Interface]\n");
        config.privateKey().ifPresent(key -> line(out, "PrivateKey", secret(key)));
        if (config.listenPort() != 0) {
            line(out, "ListenPort", Integer.toString(config.listenPort()));
        }
        if (config.fwmark() != 0) {
            line(out, "FwMark", "0x" + Integer.toHexString(config.fwmark()));
        }
        if (!config.addresses().isEmpty()) {
            line(out, "Address", joined(config.addresses()));
        }
        line(out, "MTU", Integer.toString(config.mtuBytes()));
        config.peers().forEach(peer -> peer(out, peer));
        return out.toString();
    }

    private static void peer(StringBuilder out, PeerConfig peer) {
        out.append("\n[Peer]\n");
        line(out, "PublicKey", peer.publicKey().base64());
        peer.nextPublicKey().ifPresent(next -> line(out, "NextPublicKey", next.base64()));
        peer.presharedKey().ifPresent(key -> line(out, "PresharedKey", secret(key)));
        if (!peer.allowedIps().isEmpty()) {
            line(out, "AllowedIPs", joined(peer.allowedIps()));
        }
        peer.endpoint().ifPresent(endpoint -> line(out, "Endpoint", endpoint.toString()));
        if (peer.persistentKeepaliveSeconds() != 0) {
            line(out, "PersistentKeepalive", Integer.toString(peer.persistentKeepaliveSeconds()));
        }
    }

    private static void line(StringBuilder out, String key, String value) {
        out.append(key).append(" = ").append(value).append('\n');
    }

    private static String joined(List<?> values) {
        return values.stream().map(Object::toString).collect(Collectors.joining(", "));
    }

    private static String secret(NodePrivateKey key) {
        return base64(key.bytes());
    }

    private static String secret(PresharedKey key) {
        return base64(key.bytes());
    }

    private static String base64(byte[] secret) {
        String text = Base64.getEncoder().encodeToString(secret);
        Arrays.fill(secret, (byte) 0);
        return text;
    }
}
