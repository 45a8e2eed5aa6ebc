package dev.warren.node.control;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One {@code set=1} request. Null means: not mentioned, leave as it is.
 *
 * @param privateKey the interface's new key
 * @param forgetsKey whether the interface shall be without a key, which UAPI writes as a key of zeros
 * @param listenPort the new UDP port, 0 for any
 * @param fwmark the new mark, 0 for none
 * @param replacePeers whether all peers go before the ones below come
 * @param peers what happens to each, in order
 */
public record UapiSet(
        @Nullable NodePrivateKey privateKey,
        boolean forgetsKey,
        @Nullable Integer listenPort,
        @Nullable Integer fwmark,
        boolean replacePeers,
        List<Peer> peers) {
    /** Copies the list. */
    public UapiSet {
        peers = List.copyOf(peers);
    }

    /** Wipes the keys: who applies the request has copied what it keeps. */
    void wipe() {
        if (privateKey != null) {
            privateKey.close();
        }
        for (Peer peer : peers) {
            if (peer.presharedKey() != null) {
                peer.presharedKey().close();
            }
        }
    }

    /**
     * The same request in parts that follow one another: none with more than {@code maxPeers} peers, or with more than
     * {@code maxAllowedIps} of their addresses.
     */
    public List<UapiSet> parts(int maxPeers, int maxAllowedIps) {
        List<UapiSet> parts = new ArrayList<>();
        List<Peer> some = new ArrayList<>();
        int addresses = 0;
        for (Peer whole : peers) {
            for (Peer peer : whole.parts(maxAllowedIps)) {
                addresses += peer.allowedIps().size();
                if (some.size() == maxPeers || (!some.isEmpty() && addresses > maxAllowedIps)) {
                    parts.add(part(parts.isEmpty(), some));
                    some.clear();
                    addresses = peer.allowedIps().size();
                }
                some.add(peer);
            }
        }
        parts.add(part(parts.isEmpty(), some));
        return parts;
    }

    private UapiSet part(boolean first, List<Peer> some) {
        return first
                ? new UapiSet(privateKey, forgetsKey, listenPort, fwmark, replacePeers, some)
                : new UapiSet(null, false, null, null, false, some);
    }

    /**
     * What happens to one peer.
     *
     * @param publicKey which
     * @param action whether it is made, kept, or removed
     * @param presharedKey new, all zero for none
     * @param endpoint new; unresolved when its scope is unknown
     * @param keepaliveSeconds new, 0 for off
     * @param replaceAllowedIps whether all its addresses go before the ones below come
     * @param allowedIps addresses it gets and loses, in order
     */
    public record Peer(
            NodePublicKey publicKey,
            Action action,
            @Nullable PresharedKey presharedKey,
            @Nullable InetSocketAddress endpoint,
            @Nullable Integer keepaliveSeconds,
            boolean replaceAllowedIps,
            List<AllowedIp> allowedIps) {
        /** Copies the list. */
        public Peer {
            allowedIps = List.copyOf(allowedIps);
        }

        /** The same with its addresses in sections that follow one another. */
        private List<Peer> parts(int maxAllowedIps) {
            List<Peer> parts = new ArrayList<>();
            for (int from = 0; from < allowedIps.size(); from += maxAllowedIps) {
                List<AllowedIp> some = allowedIps.subList(from, Math.min(from + maxAllowedIps, allowedIps.size()));
                parts.add(
                        from == 0
                                ? new Peer(
                                        publicKey,
                                        action,
                                        presharedKey,
                                        endpoint,
                                        keepaliveSeconds,
                                        replaceAllowedIps,
                                        some)
                                : new Peer(publicKey, Action.UPDATE_ONLY, null, null, null, false, some));
            }
            return parts.isEmpty() ? List.of(this) : parts;
        }
    }

    /** What a section is for. */
    public enum Action {
        /** Changes the peer, and makes it if there is none. */
        UPSERT,
        /** Changes the peer if there is one. */
        UPDATE_ONLY,
        /** Removes the peer if there is one. */
        REMOVE
    }

    /**
     * An address that a peer gets, or loses with a minus sign in front.
     *
     * @param prefix the block
     * @param remove whether it is taken away
     */
    public record AllowedIp(IpPrefix prefix, boolean remove) {}
}
