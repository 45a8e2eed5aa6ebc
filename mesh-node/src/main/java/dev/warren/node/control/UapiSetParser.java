package dev.warren.node.control;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the lines of one {@code set=1} request. The first error counts: what came before it is applied, as wireguard-go
 * does, and nothing behind it. An unknown key is an error, since ignoring it could leave a tunnel less safe than was
 * asked.
 */
final class UapiSetParser implements AutoCloseable {
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
                section = new Section(NodePublicKey.of(UapiFields.key(value)));
            } else if (section == null) {
                acceptForDevice(key, value);
            } else {
                acceptForPeer(section, key, value);
            }
        } catch (IllegalArgumentException unreadable) {
            throw invalid(key, String.valueOf(unreadable.getMessage()));
        }
    }

    /** The request, after its empty line; whoever gets it wipes the keys in it. */
    UapiSet finish() {
        endSection();
        UapiSet whole = new UapiSet(privateKey, forgetsKey, listenPort, fwmark, replacePeers, peers);
        privateKey = null;
        peers.clear();
        return whole;
    }

    /** Wipes the keys of a request that has not come to its end. */
    @Override
    public void close() {
        finish().wipe();
    }

    /** The interface's key so far. */
    @Nullable
    NodePrivateKey privateKey() {
        return privateKey;
    }

    /** The preshared key so far of the peer whose lines are being read. */
    @Nullable
    PresharedKey presharedKey() {
        return section == null ? null : section.presharedKey;
    }

    private void acceptForDevice(String key, String value) throws UapiException {
        switch (key) {
            case "private_key" -> {
                NodePrivateKey before = privateKey;
                privateKey = UapiFields.privateKey(value);
                forgetsKey = privateKey == null;
                if (before != null) {
                    before.close();
                }
            }
            case "listen_port" -> listenPort = UapiFields.number(value);
            case "fwmark" -> fwmark = UapiFields.mark(value);
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
            case "preshared_key" -> {
                PresharedKey before = peer.presharedKey;
                peer.presharedKey = UapiFields.presharedKey(value);
                if (before != null) {
                    before.close();
                }
            }
            case "endpoint" -> peer.endpoint = UapiFields.endpoint(value);
            case "persistent_keepalive_interval" -> peer.keepaliveSeconds = UapiFields.number(value);
            case "replace_allowed_ips" -> {
                peer.replaceAllowedIps = onlyTrue(key, value);
                peer.allowedIps.clear();
            }
            case "allowed_ip" -> peer.allowedIps.add(UapiFields.allowedIp(value));
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

    private static boolean onlyTrue(String key, String value) throws UapiException {
        if (!value.equals("true")) {
            throw invalid(key, "the only value is true");
        }
        return true;
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
