package dev.warren.node.control;

import dev.warren.protocol.key.NodePublicKey;

/**
 * Reads the lines of one {@code set=1} request into a builder. The first error counts: what came before it is applied, as
 * wireguard-go does, and nothing behind it. An unknown key is an error, since ignoring it could leave a tunnel less safe
 * than was asked.
 */
final class UapiSetParser {
    private final UapiSetBuilder set;

    UapiSetParser(UapiSetBuilder set) {
        this.set = set;
    }

    /** Takes one line, {@code key=value}. */
    void accept(String line) throws UapiException {
        int equals = line.indexOf('=');
        if (equals < 0) {
            throw new UapiException(UapiErrno.EPROTO, "a line of the UAPI has the form key=value");
        }
        String key = line.substring(0, equals);
        String value = line.substring(equals + 1);
        UapiSetBuilder.Section peer = set.peer();
        try {
            if (key.equals("public_key")) {
                set.beginPeer(NodePublicKey.of(UapiFields.key(value)));
            } else if (peer == null) {
                acceptForDevice(key, value);
            } else {
                acceptForPeer(peer, key, value);
            }
        } catch (IllegalArgumentException unreadable) {
            throw invalid(key, String.valueOf(unreadable.getMessage()));
        }
    }

    private void acceptForDevice(String key, String value) throws UapiException {
        switch (key) {
            case "private_key" -> set.privateKey(UapiFields.privateKey(value));
            case "listen_port" -> set.listenPort(UapiFields.number(value));
            case "fwmark" -> set.fwmark(UapiFields.mark(value));
            case "replace_peers" -> {
                requireTrue(key, value);
                set.replacePeers();
            }
            default -> throw invalid(key, "not a key of an interface");
        }
    }

    private static void acceptForPeer(UapiSetBuilder.Section peer, String key, String value) throws UapiException {
        switch (key) {
            case "remove" -> {
                requireTrue(key, value);
                peer.remove();
            }
            case "update_only" -> {
                requireTrue(key, value);
                peer.updateOnly();
            }
            case "preshared_key" -> peer.presharedKey(UapiFields.presharedKey(value));
            case "endpoint" -> peer.endpoint(UapiFields.endpoint(value));
            case "persistent_keepalive_interval" -> peer.keepaliveSeconds(UapiFields.number(value));
            case "replace_allowed_ips" -> {
                requireTrue(key, value);
                peer.replaceAllowedIps();
            }
            case "allowed_ip" -> peer.allowedIp(UapiFields.allowedIp(value));
            case "protocol_version" -> {
                if (!value.equals("1")) {
                    throw invalid(key, "only version 1 exists");
                }
            }
            default -> throw invalid(key, "not a key of a peer");
        }
    }

    private static void requireTrue(String key, String value) throws UapiException {
        if (!value.equals("true")) {
            throw invalid(key, "the only value is true");
        }
    }

    private static UapiException invalid(String key, String why) {
        return new UapiException(UapiErrno.EINVAL, "UAPI key \"" + key + "\": " + why);
    }
}
