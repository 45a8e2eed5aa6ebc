package dev.warren.node.control;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was read of a {@code set=1} request since the last {@link #take}. Until then the keys in it are the builder's: one in
 * whose place another comes is wiped, and so are all of a request that breaks off.
 */
final class UapiSetBuilder implements AutoCloseable {
    private @Nullable NodePrivateKey privateKey;
    private boolean forgetsKey;
    private @Nullable Integer listenPort;
    private @Nullable Integer fwmark;
    private boolean replacePeers;
    private final List<UapiSet.Peer> peers = new ArrayList<>();
    private @Nullable Section section;

    /** The interface's key; null for none any more. */
    void privateKey(@Nullable NodePrivateKey key) {
        if (privateKey != null) {
            privateKey.close();
        }
        privateKey = key;
        forgetsKey = key == null;
    }

    void listenPort(int port) {
        listenPort = port;
    }

    void fwmark(int mark) {
        fwmark = mark;
    }

    void replacePeers() {
        replacePeers = true;
    }

    /** What comes now is about this peer. */
    void beginPeer(NodePublicKey publicKey) {
        endPeer();
        section = new Section(publicKey, UapiSet.Action.UPSERT);
    }

    /** The peer that all is about now; null as long as it is the interface itself. */
    @Nullable
    Section peer() {
        return section;
    }

    /** All of it; whoever gets it wipes the keys in it. What else comes about the same peer goes into the next one. */
    UapiSet take() {
        Section open = section;
        endPeer();
        UapiSet taken = new UapiSet(privateKey, forgetsKey, listenPort, fwmark, replacePeers, peers);
        privateKey = null;
        forgetsKey = false;
        listenPort = null;
        fwmark = null;
        replacePeers = false;
        peers.clear();
        section = open == null ? null : open.rest();
        return taken;
    }

    /** Wipes the keys of a request that has not come to its end. */
    @Override
    public void close() {
        take().wipe();
    }

    private void endPeer() {
        if (section != null) {
            peers.add(section.finish());
        }
    }

    /** The lines behind one public_key. */
    static final class Section {
        private final NodePublicKey publicKey;
        private UapiSet.Action action;
        private @Nullable PresharedKey presharedKey;
        private @Nullable InetSocketAddress endpoint;
        private @Nullable Integer keepaliveSeconds;
        private boolean replaceAllowedIps;
        private final List<UapiSet.AllowedIp> allowedIps = new ArrayList<>();

        private Section(NodePublicKey publicKey, UapiSet.Action action) {
            this.publicKey = publicKey;
            this.action = action;
        }

        void remove() {
            action = UapiSet.Action.REMOVE;
        }

        void updateOnly() {
            if (action == UapiSet.Action.UPSERT) {
                action = UapiSet.Action.UPDATE_ONLY;
            }
        }

        void presharedKey(PresharedKey key) {
            if (presharedKey != null) {
                presharedKey.close();
            }
            presharedKey = key;
        }

        void endpoint(InetSocketAddress address) {
            endpoint = address;
        }

        void keepaliveSeconds(int seconds) {
            keepaliveSeconds = seconds;
        }

        void replaceAllowedIps() {
            replaceAllowedIps = true;
            allowedIps.clear();
        }

        void allowedIp(UapiSet.AllowedIp allowedIp) {
            allowedIps.add(allowedIp);
        }

        private UapiSet.Peer finish() {
            return new UapiSet.Peer(
                    publicKey, action, presharedKey, endpoint, keepaliveSeconds, replaceAllowedIps, allowedIps);
        }

        /** The peer is there by then, or was removed, or is not to be made. */
        private Section rest() {
            boolean isRemoved = action == UapiSet.Action.REMOVE;
            return new Section(publicKey, isRemoved ? action : UapiSet.Action.UPDATE_ONLY);
        }
    }
}
