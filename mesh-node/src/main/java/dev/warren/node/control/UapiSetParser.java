package dev.warren.node.control;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the lines of one {@code set=1} request. The first error counts, and then the whole request is refused and
 * nothing of it applied; an unknown key is an error, since ignoring it could leave a tunnel less safe than was asked.
 */
final class UapiSetParser {
    private static final int MAX_PORT = 65_535;
    private static final int KEY_BYTES = 32;
    private static final Pattern KEY = Pattern.compile("[0-9a-fA-F]{64}");

    private @Nullable NodePrivateKey privateKey;
    private boolean forgetsKey;
    private @Nullable Integer listenPort;
    private @Nullable Integer fwmark;
    private boolean replacePeers;
    private final List<UapiSet.Peer> peers = new ArrayList<>();
    private @Nullable Section section;

    /** Takes one line, {@code key=value}. */
    void accept(String line) throws UapiException {
        int equals = line.indexOf('=');
        if (equals < 0) {
            throw new UapiException(UapiErrno.EPROTO, "a line of the UAPI has the form key=value");
        }
        String key = line.substring(0, equals);
        String value = line.substring(equals + 1);
        try {
            if (key.equals("public_key")) {
                endSection();
                section = new Section(NodePublicKey.of(key(value)));
            } else if (section == null) {
                acceptForDevice(key, value);
            } else {
                acceptForPeer(section, key, value);
            }
        } catch (IllegalArgumentException unreadable) {
            throw invalid(key, String.valueOf(unreadable.getMessage()));
        }
    }

    /** The request, after its empty line. */
    UapiSet finish() {
        endSection();
        return new UapiSet(privateKey, forgetsKey, listenPort, fwmark, replacePeers, peers);
    }

    private void acceptForDevice(String key, String value) throws UapiException {
        switch (key) {
            case "private_key" -> acceptPrivateKey(value);
            case "listen_port" -> listenPort = number(value, MAX_PORT);
            case "fwmark" -> fwmark = Integer.parseUnsignedInt(value);
            case "replace_peers" -> replacePeers = onlyTrue(key, value);
            default -> throw invalid(key, "not a key of an interface");
        }
    }

    private void acceptForPeer(Section peer, String key, String value) throws UapiException {
        switch (key) {
            case "remove" -> {
                if (onlyTrue(key, value)) {
                    peer.action = UapiSet.Action.REMOVE;
                }
            }
            case "update_only" -> {
                if (onlyTrue(key, value) && peer.action == UapiSet.Action.UPSERT) {
                    peer.action = UapiSet.Action.UPDATE_ONLY;
                }
            }
            case "preshared_key" -> peer.presharedKey = presharedKey(value);
            case "endpoint" -> peer.endpoint = endpoint(value);
            case "persistent_keepalive_interval" -> peer.keepaliveSeconds = number(value, MAX_PORT);
            case "replace_allowed_ips" -> {
                peer.replaceAllowedIps = onlyTrue(key, value);
                peer.allowedIps.clear();
            }
            case "allowed_ip" -> peer.allowedIps.add(allowedIp(value));
            case "protocol_version" -> {
                if (!value.equals("1")) {
                    throw invalid(key, "only version 1 exists");
                }
            }
            default -> throw invalid(key, "not a key of a peer");
        }
    }

    private void endSection() {
        if (section != null) {
            peers.add(section.finish());
            section = null;
        }
    }

    private void acceptPrivateKey(String value) {
        byte[] bytes = key(value);
        forgetsKey = Arrays.equals(bytes, new byte[KEY_BYTES]);
        privateKey = forgetsKey ? null : NodePrivateKey.of(bytes);
        Arrays.fill(bytes, (byte) 0);
    }

    private static PresharedKey presharedKey(String value) {
        byte[] bytes = key(value);
        PresharedKey key = PresharedKey.of(bytes);
        Arrays.fill(bytes, (byte) 0);
        return key;
    }

    /** 64 hex digits; the exception never quotes the key, as HexFormat's would. */
    private static byte[] key(String value) {
        if (!KEY.matcher(value).matches()) {
            throw new IllegalArgumentException("a key has 64 hex digits");
        }
        return HexFormat.of().parseHex(value);
    }

    private static int number(String value, int max) {
        int number = Integer.parseInt(value);
        if (number < 0 || number > max) {
            throw new IllegalArgumentException(number + " is outside 0 to " + max);
        }
        return number;
    }

    private static boolean onlyTrue(String key, String value) throws UapiException {
        if (!value.equals("true")) {
            throw invalid(key, "the only value is true");
        }
        return true;
    }

    /** {@code ip:port} or {@code [v6%scope]:port}; {@code wg} has resolved names already. */
    private static InetSocketAddress endpoint(String value) {
        int colon = value.lastIndexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("an endpoint has the form ip:port");
        }
        String host = value.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (!bracketed && host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("an IPv6 address stands in brackets");
        }
        InetAddress address = InetAddress.ofLiteral(bracketed ? host.substring(1, host.length() - 1) : host);
        return new InetSocketAddress(address, number(value.substring(colon + 1), MAX_PORT));
    }

    private static UapiSet.AllowedIp allowedIp(String value) {
        boolean remove = value.startsWith("-");
        boolean signed = remove || value.startsWith("+");
        return new UapiSet.AllowedIp(IpPrefix.parse(signed ? value.substring(1) : value), remove);
    }

    private static UapiException invalid(String key, String why) {
        return new UapiException(UapiErrno.EINVAL, "UAPI key \"" + key + "\": " + why);
    }

    /** The lines behind one public_key. */
    private static final class Section {
        private final NodePublicKey publicKey;
        private UapiSet.Action action = UapiSet.Action.UPSERT;
        private @Nullable PresharedKey presharedKey;
        private @Nullable InetSocketAddress endpoint;
        private @Nullable Integer keepaliveSeconds;
        private boolean replaceAllowedIps;
        private final List<UapiSet.AllowedIp> allowedIps = new ArrayList<>();

        Section(NodePublicKey publicKey) {
            this.publicKey = publicKey;
        }

        UapiSet.Peer finish() {
            return new UapiSet.Peer(
                    publicKey, action, presharedKey, endpoint, keepaliveSeconds, replaceAllowedIps, allowedIps);
        }
    }
}
