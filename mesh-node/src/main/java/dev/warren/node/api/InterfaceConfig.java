package dev.warren.node.api;

import dev.warren.node.WireGuardInterface;
import dev.warren.node.api.NotAllowed.Field;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.IpPrefix;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a WireGuard interface is set to. Start with {@link #named} and add what differs.
 *
 * @param name of the interface, 1 to 15 bytes
 * @param privateKey empty for none: nobody answers such an interface; it is the caller's to close
 * @param listenPort the UDP port of both families; 0 lets the system choose
 * @param fwmark mark of the datagrams that it sends, for policy routing; 0 for none
 * @param addresses the interface's own, each with its network
 * @param mtuBytes the largest packet inside
 * @param peers in the order in which they are shown
 */
public record InterfaceConfig(
        String name,
        Optional<NodePrivateKey> privateKey,
        int listenPort,
        int fwmark,
        List<InterfaceAddress> addresses,
        int mtuBytes,
        List<PeerConfig> peers) {
    private static final int MAX_NAME_BYTES = 15;
    private static final int MAX_PORT = 65_535;
    /** RFC 791: what every IPv4 link carries. */
    private static final int MIN_MTU_BYTES = 68;
    /** RFC 8200 section 5: what every IPv6 link carries. */
    private static final int MIN_IPV6_MTU_BYTES = 1280;
    /** The longest IP packet, less the headers of IPv6, UDP and WireGuard and the tag. */
    private static final int MAX_MTU_BYTES = 65_535 - 80;

    /** Throws IllegalArgumentException with a sentence that names field, value and what is allowed. */
    public InterfaceConfig {
        addresses = List.copyOf(addresses);
        peers = List.copyOf(peers);
        checkName(name);
        if (listenPort < 0 || listenPort > MAX_PORT) {
            throw new NotAllowed(
                    Field.LISTEN_PORT, null, listenPort + " is not allowed: a UDP port is 0, for any, to " + MAX_PORT);
        }
        if (mtuBytes < MIN_MTU_BYTES || mtuBytes > MAX_MTU_BYTES) {
            throw new NotAllowed(
                    Field.MTU, null, mtuBytes + " is not allowed: it is " + MIN_MTU_BYTES + " to " + MAX_MTU_BYTES);
        }
        checkAddresses(addresses, mtuBytes);
        checkPeers(peers, privateKey.map(NodePrivateKey::publicKey));
    }

    /** An interface without key, addresses and peers, on any port, with WireGuard's usual MTU. */
    public static InterfaceConfig named(String name) {
        return new InterfaceConfig(name, Optional.empty(), 0, 0, List.of(), WireGuardInterface.MTU_BYTES, List.of());
    }

    /** The same with a private key. */
    public InterfaceConfig withPrivateKey(NodePrivateKey key) {
        return new InterfaceConfig(name, Optional.of(key), listenPort, fwmark, addresses, mtuBytes, peers);
    }

    /** The same on another UDP port; 0 lets the system choose. */
    public InterfaceConfig withListenPort(int port) {
        return new InterfaceConfig(name, privateKey, port, fwmark, addresses, mtuBytes, peers);
    }

    /** The same with another mark; 0 for none. */
    public InterfaceConfig withFwmark(int mark) {
        return new InterfaceConfig(name, privateKey, listenPort, mark, addresses, mtuBytes, peers);
    }

    /** The same with one address more, {@code ADDRESS/BITS}. */
    public InterfaceConfig withAddress(String address) {
        List<InterfaceAddress> more = new ArrayList<>(addresses);
        more.add(InterfaceAddress.parse(address));
        return withAddresses(more);
    }

    /** The same with these addresses and no others. */
    public InterfaceConfig withAddresses(List<InterfaceAddress> others) {
        return new InterfaceConfig(name, privateKey, listenPort, fwmark, others, mtuBytes, peers);
    }

    /** The same with another MTU. */
    public InterfaceConfig withMtuBytes(int bytes) {
        return new InterfaceConfig(name, privateKey, listenPort, fwmark, addresses, bytes, peers);
    }

    /** The same with one peer more. */
    public InterfaceConfig withPeer(PeerConfig peer) {
        List<PeerConfig> more = new ArrayList<>(peers);
        more.add(peer);
        return withPeers(more);
    }

    /** The same with these peers and no others. */
    public InterfaceConfig withPeers(List<PeerConfig> others) {
        return new InterfaceConfig(name, privateKey, listenPort, fwmark, addresses, mtuBytes, others);
    }

    /** As dev_valid_name() in net/core/dev.c, but without the patterns that a TUN device could have. */
    private static void checkName(String name) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        boolean valid = bytes >= 1
                && bytes <= MAX_NAME_BYTES
                && !name.equals(".")
                && !name.equals("..")
                && name.chars().noneMatch(c -> c <= ' ' || c == '/' || c == ':' || c == '%' || c == 0x7f);
        if (!valid) {
            throw new IllegalArgumentException("name \"" + name + "\" is not allowed: an interface's name has 1 to "
                    + MAX_NAME_BYTES + " bytes without space, slash, colon or percent sign");
        }
    }

    private static void checkAddresses(List<InterfaceAddress> addresses, int mtuBytes) {
        Set<InterfaceAddress> seen = new HashSet<>();
        for (InterfaceAddress address : addresses) {
            if (!seen.add(address)) {
                throw new NotAllowed(Field.ADDRESSES, address, address + " is there twice: each is allowed once");
            }
            if (address.isIpv6() && mtuBytes < MIN_IPV6_MTU_BYTES) {
                throw new NotAllowed(
                        Field.MTU,
                        address,
                        mtuBytes + " is not allowed with the IPv6 address " + address + ": it is at least "
                                + MIN_IPV6_MTU_BYTES);
            }
        }
    }

    private static void checkPeers(List<PeerConfig> peers, Optional<NodePublicKey> own) {
        if (peers.size() > Device.MAX_PEERS) {
            throw new NotAllowed(
                    Field.PEERS,
                    peers.get(Device.MAX_PEERS).publicKey(),
                    peers.get(Device.MAX_PEERS).publicKey().base64() + " is one too many: an interface has "
                            + Device.MAX_PEERS + " peers at most");
        }
        Set<NodePublicKey> seen = new HashSet<>();
        Map<IpPrefix, NodePublicKey> owners = new HashMap<>();
        for (PeerConfig peer : peers) {
            NodePublicKey publicKey = peer.publicKey();
            String key = publicKey.base64();
            if (!seen.add(publicKey)) {
                throw new NotAllowed(Field.PEERS, publicKey, key + " is there twice: each is allowed once");
            }
            if (own.filter(publicKey::equals).isPresent()) {
                throw new NotAllowed(
                        Field.PEERS, publicKey, key + " is the interface's own key: only other machines are allowed");
            }
            if (peer.nextPublicKey()
                    .filter(next -> !seen.add(next) || own.filter(next::equals).isPresent())
                    .isPresent()) {
                throw new NotAllowed(
                        Field.NEXT_PUBLIC_KEY,
                        publicKey,
                        "of " + key
                                + " is not allowed: it is the interface's own or one that another peer has or will"
                                + " have");
            }
            for (IpPrefix block : peer.allowedIps()) {
                NodePublicKey before = owners.putIfAbsent(block, publicKey);
                if (before != null) {
                    throw new NotAllowed(
                            Field.ALLOWED_IPS,
                            publicKey,
                            block + " is there for the peers " + before.base64() + " and " + key
                                    + ": a block belongs to one of them");
                }
            }
        }
    }
}
