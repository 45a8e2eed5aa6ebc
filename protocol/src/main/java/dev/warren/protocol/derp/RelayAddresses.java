package dev.warren.protocol.derp;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Relays on a command line that need no region: {@code HOST:PORT[,pin=sha256-raw:HEX][,plaintext]}, several of them
 * separated by commas too. An IPv6 literal stands in brackets.
 */
public final class RelayAddresses {
    private static final String FORM = "HOST:PORT[,pin=sha256-raw:HEX][,plaintext][,HOST:PORT...]";
    private static final String PIN = "pin=";
    private static final String PLAINTEXT = "plaintext";

    private RelayAddresses() {}

    /**
     * The relays in {@code list}, none when it is blank; the name of each node is its {@code HOST:PORT}, and its region
     * 0. Throws {@link DerpMapFormatException} naming the part that is wrong.
     */
    public static List<DerpNode> parse(String list) {
        List<DerpNode> nodes = new ArrayList<>();
        for (String text : list.isBlank() ? new String[0] : list.split(",", -1)) {
            String part = text.strip();
            if (!part.startsWith(PIN) && !part.equals(PLAINTEXT)) {
                nodes.add(node(list, part));
            } else if (nodes.isEmpty()) {
                throw wrong(list, "begins with \"" + part + "\", which belongs behind a HOST:PORT");
            } else {
                nodes.add(trusting(list, nodes.removeLast(), part));
            }
        }
        return List.copyOf(nodes);
    }

    private static DerpNode node(String list, String part) {
        try {
            Endpoint relay = Endpoint.parse(part);
            DerpNode.Ports ports = new DerpNode.Ports(relay.port(), DerpNode.Ports.NO_STUN, false);
            return RelaySpec.node(part, 0, relay.host(), ports, DerpNode.Trust.PUBLIC);
        } catch (DerpMapFormatException wrong) {
            throw wrong(list, wrong.getMessage());
        }
    }

    private static DerpNode trusting(String list, DerpNode node, String part) {
        if (!node.trust().equals(DerpNode.Trust.PUBLIC)) {
            throw wrong(list, "has two of pin= and plaintext behind " + node.name());
        }
        DerpNode.Trust trust;
        if (part.equals(PLAINTEXT)) {
            trust = new DerpNode.Trust(null, true, false);
        } else if (part.startsWith(PIN + DerpNode.Trust.PIN_PREFIX)) {
            trust = new DerpNode.Trust(part.substring(PIN.length()), false, false);
        } else {
            throw wrong(list, "has a pin that does not start with " + DerpNode.Trust.PIN_PREFIX);
        }
        return RelaySpec.node(node.name(), 0, node.hostName(), node.ports(), trust);
    }

    private static DerpMapFormatException wrong(String list, @Nullable String what) {
        return new DerpMapFormatException("\"" + list + "\" " + what + "; the form is " + FORM);
    }
}
