package dev.warren.protocol.derp;

import dev.warren.protocol.key.DiscoPublicKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One relay or STUN server of a region ({@code tailcfg.DERPNode}).
 *
 * @param name unique over all regions, such as {@code 900a}
 * @param regionId the region it belongs to
 * @param hostName a DNS name or an IP literal without brackets; checked against the certificate
 * @param ipv4 an IPv4 literal to dial in place of a DNS answer, {@code none} for no IPv4, null for DNS
 * @param ipv6 the same for IPv6
 * @param ports where it listens
 * @param trust how a client knows that it is the right one
 * @param udpRelay the disco key under which the relay gives sessions of its UDP relay (a field of Warren's own); null for
 *     none
 */
public record DerpNode(
        String name,
        int regionId,
        String hostName,
        @Nullable String ipv4,
        @Nullable String ipv6,
        Ports ports,
        Trust trust,
        @Nullable DiscoPublicKey udpRelay) {
    /** The text in an address field that switches the family off. */
    public static final String NO_ADDRESS = "none";

    /**
     * The ports of a node, as the map has them: 0 stands for the default.
     *
     * @param derp TCP port of the relay; 0 is 443
     * @param stun UDP port of its STUN server; 0 is 3478, -1 is none
     * @param stunOnly true when there is no relay on the node
     * @param plainHttp whether it answers HTTP on port 80 too ({@code CanPort80}), where captive portals show themselves
     */
    public record Ports(int derp, int stun, boolean stunOnly, boolean plainHttp) {
        /** What {@code DERPPort} 0 means. */
        public static final int DEFAULT_DERP = 443;
        /** What {@code STUNPort} 0 means (RFC 8489 section 8). */
        public static final int DEFAULT_STUN = 3478;
        /** The {@code STUNPort} of a node without a STUN server. */
        public static final int NO_STUN = -1;

        private static final int HIGHEST = 65_535;

        /** The ports of a node without plain HTTP. */
        public Ports(int derp, int stun, boolean stunOnly) {
            this(derp, stun, stunOnly, false);
        }

        /** Throws {@link DerpMapFormatException} for a number that is no port. */
        public Ports {
            if (derp < 0 || derp > HIGHEST) {
                throw new DerpMapFormatException("DERPPort " + derp + " is not between 0 and " + HIGHEST);
            }
            if (stun < NO_STUN || stun > HIGHEST) {
                throw new DerpMapFormatException("STUNPort " + stun + " is not between " + NO_STUN + " and " + HIGHEST);
            }
        }
    }

    /**
     * How a client knows the node.
     *
     * @param certName the name to check the certificate against, or {@code sha256-raw:HEX}, the hash of the one
     *     certificate that is right; null for the host name
     * @param plaintext no TLS at all (a field of Warren's own)
     * @param insecureForTests TLS without any check
     */
    public record Trust(@Nullable String certName, boolean plaintext, boolean insecureForTests) {
        /** The certificate authorities of the machine, and the host name. */
        public static final Trust PUBLIC = new Trust(null, false, false);
        /** What a {@code CertName} starts with when it is the hash of a certificate. */
        public static final String PIN_PREFIX = "sha256-raw:";

        private static final int PIN_DIGITS = 64;

        /** Throws {@link DerpMapFormatException} for a pin that is not 64 hex digits. */
        public Trust {
            if (certName != null && certName.startsWith(PIN_PREFIX)) {
                String digits = certName.substring(PIN_PREFIX.length());
                if (digits.length() != PIN_DIGITS || !digits.chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
                    throw new DerpMapFormatException("the pin \"" + certName + "\" must be " + PIN_PREFIX + " and "
                            + PIN_DIGITS + " hex digits");
                }
            }
        }

        /** The pin in its text form {@code sha256-raw:HEX}, or null when the certificate is checked by name. */
        public @Nullable String pin() {
            return certName != null && certName.startsWith(PIN_PREFIX) ? certName : null;
        }
    }

    /** A node without a UDP relay. */
    public DerpNode(
            String name,
            int regionId,
            String hostName,
            @Nullable String ipv4,
            @Nullable String ipv6,
            Ports ports,
            Trust trust) {
        this(name, regionId, hostName, ipv4, ipv6, ports, trust, null);
    }

    /** Throws {@link DerpMapFormatException} when the name or the host name is empty. */
    public DerpNode {
        if (name.isEmpty()) {
            throw new DerpMapFormatException("a node of region " + regionId + " has no Name");
        }
        if (hostName.isEmpty()) {
            throw new DerpMapFormatException("node \"" + name + "\" has no HostName");
        }
    }

    /** The TCP port of the relay, default filled in. */
    public int derpPort() {
        return ports.derp() == 0 ? Ports.DEFAULT_DERP : ports.derp();
    }

    /** Whether there is a STUN server on the node. */
    public boolean hasStun() {
        return ports.stun() != Ports.NO_STUN;
    }

    /** The UDP port of the STUN server, default filled in; -1 when there is none. */
    public int stunPort() {
        return ports.stun() == 0 ? Ports.DEFAULT_STUN : ports.stun();
    }

    /** Whether there is a relay on the node. */
    public boolean hasRelay() {
        return !ports.stunOnly();
    }

    /** The hosts to dial, in order: the literal addresses when there are any, otherwise the host name. */
    public List<String> dialHosts() {
        List<String> hosts = new ArrayList<>();
        for (String address : new @Nullable String[] {ipv4, ipv6}) {
            if (address != null && !address.equals(NO_ADDRESS)) {
                hosts.add(address);
            }
        }
        return hosts.isEmpty() ? List.of(hostName) : List.copyOf(hosts);
    }

    /** The same node with this UDP relay. */
    public DerpNode withUdpRelay(@Nullable DiscoPublicKey key) {
        return new DerpNode(name, regionId, hostName, ipv4, ipv6, ports, trust, key);
    }

    /** Whether {@code host} is an IP literal, which needs no look-up; no name looks like one. */
    public static boolean isLiteral(String host) {
        return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    }

    /** The same node under another name. */
    public DerpNode named(String newName) {
        return new DerpNode(newName, regionId, hostName, ipv4, ipv6, ports, trust, udpRelay);
    }
}
