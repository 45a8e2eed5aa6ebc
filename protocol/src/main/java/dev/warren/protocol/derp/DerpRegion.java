package dev.warren.protocol.derp;

import java.util.ArrayList;
import java.util.List;

/**
 * A place with one or more relays that clients may use alike ({@code tailcfg.DERPRegion}).
 *
 * @param id positive; 900 to 999 are free for one's own use
 * @param code short, such as {@code fra}
 * @param name for people
 * @param avoid true when a client should make it its home only if there is no other
 * @param nodes in the order in which a client tries them
 */
public record DerpRegion(int id, String code, String name, boolean avoid, List<DerpNode> nodes) {
    /** Throws {@link DerpMapFormatException} for an id below 1 or a node of another region. */
    public DerpRegion {
        if (id < 1) {
            throw new DerpMapFormatException("region id " + id + " must be 1 or more");
        }
        nodes = List.copyOf(nodes);
        for (DerpNode node : nodes) {
            if (node.regionId() != id) {
                throw new DerpMapFormatException("node \"" + node.name() + "\" says RegionID " + node.regionId()
                        + ", but it stands in region " + id);
            }
        }
    }

    /** The nodes that relay, in order. */
    public List<DerpNode> relays() {
        return nodes.stream().filter(DerpNode::hasRelay).toList();
    }

    /** The nodes that answer STUN requests, in order. */
    public List<DerpNode> stunServers() {
        return nodes.stream().filter(DerpNode::hasStun).toList();
    }

    /**
     * This region with the nodes of {@code other}, which has the same id, behind its own; node names are given anew.
     */
    DerpRegion with(DerpRegion other) {
        List<DerpNode> all = new ArrayList<>(nodes);
        for (DerpNode node : other.nodes) {
            all.add(node.named(nodeName(id, all.size())));
        }
        return new DerpRegion(id, code, name, avoid, all);
    }

    /** The usual name of the node at {@code index}: 900a to 900z, then 900-26 and so on. */
    public static String nodeName(int regionId, int index) {
        return index < 26 ? regionId + String.valueOf((char) ('a' + index)) : regionId + "-" + index;
    }
}
