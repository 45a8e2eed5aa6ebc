package dev.warren.node.control;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes the answers of the UAPI. */
final class UapiText {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** Two groups of zeros or more, whole ones: of the text that Java writes, {@code 2001:db8:0:0:0:0:0:7}. */
    private static final Pattern ZEROS = Pattern.compile("(?<![0-9a-f])0(:0)+(?![0-9a-f])");

    /** What Java writes before the last two groups of an address that holds one of IPv4. */
    private static final String MAPPED = "0:0:0:0:0:ffff:";

    private UapiText() {}

    /** The answer to {@code get=1} but for the closing errno; what is not set is left out. */
    static String view(UapiDeviceView view) {
        StringBuilder out = new StringBuilder();
        NodePrivateKey key = view.privateKey();
        if (key != null) {
            line(out, "private_key", hex(key.bytes()));
        }
        if (view.listenPort() != 0) {
            line(out, "listen_port", Integer.toString(view.listenPort()));
        }
        if (view.fwmark() != 0) {
            line(out, "fwmark", Integer.toUnsignedString(view.fwmark()));
        }
        view.peers().forEach(peer -> peer(out, peer));
        return out.toString();
    }

    /**
     * The end of an answer. {@code wg} takes what it reads after a set for the negative number and after a get for the
     * positive one (wireguard-tools, ipc-uapi.h).
     */
    static String end(UapiErrno errno, boolean afterGet) {
        return "errno=" + (afterGet ? errno.code() : -errno.code()) + "\n\n";
    }

    private static void peer(StringBuilder out, UapiDeviceView.Peer peer) {
        line(out, "public_key", peer.publicKey().hex());
        PresharedKey preshared = peer.presharedKey();
        line(out, "preshared_key", hex(preshared.bytes()));
        line(out, "protocol_version", "1");
        InetSocketAddress endpoint = peer.endpoint();
        if (endpoint != null) {
            line(out, "endpoint", endpoint(endpoint));
        }
        long handshake = peer.lastHandshakeUnixNanos();
        line(out, "last_handshake_time_sec", Long.toString(handshake / NANOS_PER_SECOND));
        line(out, "last_handshake_time_nsec", Long.toString(handshake % NANOS_PER_SECOND));
        line(out, "tx_bytes", Long.toString(peer.txBytes()));
        line(out, "rx_bytes", Long.toString(peer.rxBytes()));
        line(out, "persistent_keepalive_interval", Integer.toString(peer.keepaliveSeconds()));
        for (IpPrefix prefix : peer.allowedIps()) {
            line(out, "allowed_ip", address(prefix.address()) + "/" + prefix.bits());
        }
    }

    private static String endpoint(InetSocketAddress endpoint) {
        String host = address(endpoint.getAddress());
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + endpoint.getPort();
    }

    /** An address in the text form of RFC 5952, with the scope that it may have. */
    static String address(InetAddress address) {
        String text = address.getHostAddress();
        if (!(address instanceof Inet6Address)) {
            return text;
        }
        if (text.startsWith(MAPPED)) {
            byte[] bytes = address.getAddress();
            return "::ffff:"
                    + IntStream.range(12, 16)
                            .mapToObj(i -> Integer.toString(Byte.toUnsignedInt(bytes[i])))
                            .collect(Collectors.joining("."));
        }
        int scope = text.indexOf('%');
        String groups = scope < 0 ? text : text.substring(0, scope);
        Matcher zeros = ZEROS.matcher(groups);
        String longest = "";
        while (zeros.find()) {
            longest = zeros.group().length() > longest.length() ? zeros.group() : longest;
        }
        String shortened = longest.isEmpty() ? groups : groups.replaceFirst("(^|:)" + longest + "(:|$)", "::");
        return scope < 0 ? shortened : shortened + text.substring(scope);
    }

    private static void line(StringBuilder out, String key, String value) {
        out.append(key).append('=').append(value).append('\n');
    }

    private static String hex(byte[] secret) {
        String text = HexFormat.of().formatHex(secret);
        Arrays.fill(secret, (byte) 0);
        return text;
    }
}
