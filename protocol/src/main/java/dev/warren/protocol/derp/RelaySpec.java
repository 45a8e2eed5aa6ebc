package dev.warren.protocol.derp;

import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.KeyFormatException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The short form of one relay on a command line:
 * {@code ID[:CODE]=HOST:PORT[,stun=[HOST:]PORT][,pin=sha256-raw:HEX][,disco=discokey:HEX][,plaintext]}. An IPv6
 * literal stands in brackets. Without {@code stun=} the region has no STUN server, without {@code disco=} no UDP relay.
 */
public final class RelaySpec {
    private static final String FORM =
            "ID[:CODE]=HOST:PORT[,stun=[HOST:]PORT][,pin=sha256-raw:HEX]" + "[,disco=discokey:HEX][,plaintext]";

    private RelaySpec() {}

    /** The region of the relay in {@code spec}; throws {@link DerpMapFormatException} naming the part that is wrong. */
    public static DerpRegion parse(String spec) {
        int equals = spec.indexOf('=');
        if (equals < 0) {
            throw wrong(spec, "has no \"=\" between region and address");
        }
        String region = spec.substring(0, equals);
        int colon = region.indexOf(':');
        int id = regionId(spec, colon < 0 ? region : region.substring(0, colon));
        String code = colon < 0 ? "r" + id : region.substring(colon + 1);
        if (code.isEmpty()) {
            throw wrong(spec, "has nothing behind the \":\" of the region");
        }
        String[] parts = spec.substring(equals + 1).split(",", -1);
        Endpoint relay = endpoint(spec, parts[0]);
        Endpoint stun = null;
        String pin = null;
        DiscoPublicKey udpRelay = null;
        boolean plaintext = false;
        for (int i = 1; i < parts.length; i++) {
            String part = parts[i];
            if (part.startsWith("stun=")) {
                stun = stun(spec, part.substring("stun=".length()), relay.host());
            } else if (part.startsWith("pin=")) {
                pin = pin(spec, part.substring("pin=".length()));
            } else if (part.startsWith("disco=")) {
                udpRelay = disco(spec, part.substring("disco=".length()));
            } else if (part.equals("plaintext")) {
                plaintext = true;
            } else {
                throw wrong(spec, "has an unknown part \"" + part + "\"");
            }
        }
        if (plaintext && pin != null) {
            throw wrong(spec, "has both pin= and plaintext; there is no certificate to pin without TLS");
        }
        DerpNode.Trust trust = new DerpNode.Trust(pin, plaintext, false);
        return new DerpRegion(id, code, code, false, nodes(id, relay, stun, trust, udpRelay));
    }

    /**
     * The short form of a region whose first relay is {@code relay}; {@link #parse} reads it back. The STUN server,
     * when the node has one, is taken to be on the same host.
     */
    public static String format(DerpRegion region, DerpNode relay) {
        StringBuilder text = new StringBuilder();
        text.append(region.id());
        if (!region.code().equals("r" + region.id())) {
            text.append(':').append(region.code());
        }
        String host = relay.hostName();
        text.append('=').append(bracketed(host));
        text.append(':').append(relay.derpPort());
        if (relay.hasStun()) {
            text.append(",stun=").append(relay.stunPort());
        }
        if (relay.trust().pin() != null) {
            text.append(",pin=").append(relay.trust().pin());
        }
        if (relay.udpRelay() != null) {
            text.append(",disco=").append(relay.udpRelay());
        }
        if (relay.trust().plaintext()) {
            text.append(",plaintext");
        }
        return text.toString();
    }

    private static List<DerpNode> nodes(
            int id, Endpoint relay, @Nullable Endpoint stun, DerpNode.Trust trust, @Nullable DiscoPublicKey udpRelay) {
        boolean together = stun != null && stun.host().equals(relay.host());
        int stunPort = stun != null && together ? stun.port() : DerpNode.Ports.NO_STUN;
        List<DerpNode> nodes = new ArrayList<>();
        nodes.add(node(id, 0, relay.host(), new DerpNode.Ports(relay.port(), stunPort, false), trust)
                .withUdpRelay(udpRelay));
        if (stun != null && !together) {
            DerpNode.Ports ports = new DerpNode.Ports(0, stun.port(), true);
            nodes.add(node(id, 1, stun.host(), ports, DerpNode.Trust.PUBLIC));
        }
        return nodes;
    }

    private static DerpNode node(int id, int index, String host, DerpNode.Ports ports, DerpNode.Trust trust) {
        return node(DerpRegion.nodeName(id, index), id, host, ports, trust);
    }

    /** A node that is dialled by its literal when it has one. */
    static DerpNode node(String name, int id, String host, DerpNode.Ports ports, DerpNode.Trust trust) {
        boolean v6 = host.indexOf(':') >= 0;
        boolean v4 = !v6 && DerpNode.isLiteral(host);
        return new DerpNode(name, id, host, v4 ? host : null, v6 ? host : null, ports, trust);
    }

    private static String bracketed(String host) {
        return host.indexOf(':') < 0 ? host : "[" + host + "]";
    }

    private static int regionId(String spec, String text) {
        try {
            int id = Integer.parseInt(text);
            if (id >= 1) {
                return id;
            }
        } catch (NumberFormatException notANumber) {
            throw wrong(spec, "has a region id \"" + text + "\" that is not a number");
        }
        throw wrong(spec, "has region id " + text + "; ids start at 1, and 900 to 999 are free for one's own use");
    }

    private static Endpoint stun(String spec, String text, String relayHost) {
        return text.indexOf(':') < 0 ? endpoint(spec, bracketed(relayHost) + ":" + text) : endpoint(spec, text);
    }

    private static DiscoPublicKey disco(String spec, String text) {
        try {
            return DiscoPublicKey.parse(text);
        } catch (KeyFormatException noKey) {
            throw wrong(spec, "has disco=" + text + ", which is no disco key (" + noKey.getMessage() + ")");
        }
    }

    private static String pin(String spec, String text) {
        if (!text.startsWith(DerpNode.Trust.PIN_PREFIX)) {
            throw wrong(spec, "has a pin that does not start with " + DerpNode.Trust.PIN_PREFIX);
        }
        return text;
    }

    private static Endpoint endpoint(String spec, String text) {
        try {
            return Endpoint.parse(text);
        } catch (DerpMapFormatException part) {
            throw wrong(spec, part.getMessage());
        }
    }

    private static DerpMapFormatException wrong(String spec, @Nullable String what) {
        return new DerpMapFormatException("the relay \"" + spec + "\" " + what + "; the form is " + FORM);
    }
}
