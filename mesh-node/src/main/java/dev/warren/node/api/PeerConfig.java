package dev.warren.node.api;

import dev.warren.node.api.NotAllowed.Field;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.wireguard.IpPrefix;
import dev.warren.protocol.wireguard.Peer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * What a peer of an interface is set to. Start with {@link #of} and add what differs.
 *
 * @param publicKey which peer
 * @param presharedKey empty for none; it is the caller's to close
 * @param endpoint where it is at first; empty when it will come to us
 * @param allowedIps the addresses behind it: what is sent there, and accepted from there; each once
 * @param persistentKeepaliveSeconds seconds of silence after which an empty packet goes out; 0 for never
 * @param nextPublicKey the key that the peer is about to change to: it is known under both until it uses the new one
 */
public record PeerConfig(
        NodePublicKey publicKey,
        Optional<PresharedKey> presharedKey,
        Optional<Endpoint> endpoint,
        List<IpPrefix> allowedIps,
        int persistentKeepaliveSeconds,
        Optional<NodePublicKey> nextPublicKey) {
    /** Throws IllegalArgumentException with a sentence that names the value and what is allowed. */
    public PeerConfig {
        if (persistentKeepaliveSeconds < 0 || persistentKeepaliveSeconds > Peer.MAX_KEEPALIVE_SECONDS) {
            throw new NotAllowed(
                    Field.KEEPALIVE,
                    publicKey,
                    persistentKeepaliveSeconds + " is not allowed: it is 0, for never, to "
                            + Peer.MAX_KEEPALIVE_SECONDS);
        }
        if (nextPublicKey.filter(publicKey::equals).isPresent()) {
            throw new NotAllowed(
                    Field.NEXT_PUBLIC_KEY,
                    publicKey,
                    publicKey.base64() + " is not allowed: it is the peer's key already");
        }
        presharedKey = presharedKey.filter(key -> !key.isZero());
        allowedIps = List.copyOf(new LinkedHashSet<>(allowedIps));
    }

    /** A peer without addresses, whose endpoint is unknown. */
    public static PeerConfig of(NodePublicKey publicKey) {
        return new PeerConfig(publicKey, Optional.empty(), Optional.empty(), List.of(), 0, Optional.empty());
    }

    /** The same with a preshared key. */
    public PeerConfig withPresharedKey(PresharedKey key) {
        return new PeerConfig(
                publicKey, Optional.of(key), endpoint, allowedIps, persistentKeepaliveSeconds, nextPublicKey);
    }

    /** The same at {@code HOST:PORT} or {@code [IPV6]:PORT}. */
    public PeerConfig withEndpoint(String text) {
        return withEndpoint(Endpoint.parse(text));
    }

    /** The same at another place. */
    public PeerConfig withEndpoint(Endpoint other) {
        return new PeerConfig(
                publicKey, presharedKey, Optional.of(other), allowedIps, persistentKeepaliveSeconds, nextPublicKey);
    }

    /** The same with one block of addresses more, {@code ADDRESS/BITS}. */
    public PeerConfig withAllowedIp(String block) {
        List<IpPrefix> more = new ArrayList<>(allowedIps);
        more.add(parseBlock(block));
        return withAllowedIps(more);
    }

    /** The same with these blocks of addresses and no others. */
    public PeerConfig withAllowedIps(List<IpPrefix> blocks) {
        return new PeerConfig(publicKey, presharedKey, endpoint, blocks, persistentKeepaliveSeconds, nextPublicKey);
    }

    /** The same with another interval; 0 for never. */
    public PeerConfig withPersistentKeepalive(int seconds) {
        return new PeerConfig(publicKey, presharedKey, endpoint, allowedIps, seconds, nextPublicKey);
    }

    /** The same, about to change its key to another. */
    public PeerConfig withNextPublicKey(NodePublicKey next) {
        return new PeerConfig(
                publicKey, presharedKey, endpoint, allowedIps, persistentKeepaliveSeconds, Optional.of(next));
    }

    /** Reads a block of addresses; throws IllegalArgumentException with a sentence. */
    static IpPrefix parseBlock(String text) {
        try {
            return IpPrefix.parse(text);
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException(
                    "allowed IP \"" + text + "\" is not allowed: write an address, or a block such as 10.0.0.0/24 or"
                            + " fd00::/64",
                    malformed);
        }
    }
}
