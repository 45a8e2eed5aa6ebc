package dev.warren.protocol.derp;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.KeyFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Tailscale's JSON form of a {@link DerpMap}, with two fields more in a node: {@code "Plaintext": true} when it speaks
 * no TLS, and {@code "UDPRelayKey": "discokey:..."} when it has a UDP relay. Unknown fields are ignored, absent ones have Go's zero value, field names are case-sensitive.
 */
public final class DerpMapCodec {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String UDP_RELAY = "UDPRelayKey";

    private DerpMapCodec() {}

    /** The JSON text of {@code map}, on one line. */
    public static String encode(DerpMap map) {
        return toTree(map).toString();
    }

    /** The JSON text of one node, as it stands in a map's {@code Nodes}. */
    public static String encode(DerpNode node) {
        return nodeTree(node).toString();
    }

    /** Reads a map; throws {@link DerpMapFormatException} for anything else. */
    public static DerpMap decode(String json) {
        try {
            return ofTree(JSON.readTree(json));
        } catch (JsonProcessingException broken) {
            throw new DerpMapFormatException("the relay map is not JSON: " + broken.getOriginalMessage());
        }
    }

    /** The JSON object of {@code map}, to be put into a larger document. */
    public static ObjectNode toTree(DerpMap map) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ObjectNode regions = root.putObject("Regions");
        map.regions().forEach((id, region) -> regions.set(Integer.toString(id), regionTree(region)));
        return root;
    }

    /** Reads a map from a larger document; throws {@link DerpMapFormatException}. */
    public static DerpMap ofTree(@Nullable JsonNode root) {
        if (root == null || !root.isObject()) {
            throw new DerpMapFormatException("the relay map must be a JSON object with \"Regions\"");
        }
        JsonNode regions = root.path("Regions");
        if (!regions.isObject() && !regions.isMissingNode() && !regions.isNull()) {
            throw new DerpMapFormatException("\"Regions\" must be an object whose keys are region ids");
        }
        SortedMap<Integer, DerpRegion> byId = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : regions.properties()) {
            byId.put(regionId(entry.getKey()), region(entry.getValue(), entry.getKey()));
        }
        return new DerpMap(byId);
    }

    private static int regionId(String key) {
        try {
            return Integer.parseInt(key);
        } catch (NumberFormatException notANumber) {
            throw new DerpMapFormatException("the region key \"" + key + "\" is not a number");
        }
    }

    private static ObjectNode regionTree(DerpRegion region) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        tree.put("RegionID", region.id());
        tree.put("RegionCode", region.code());
        tree.put("RegionName", region.name());
        if (region.avoid()) {
            tree.put("Avoid", true);
        }
        ArrayNode nodes = tree.putArray("Nodes");
        region.nodes().forEach(node -> nodes.add(nodeTree(node)));
        return tree;
    }

    private static ObjectNode nodeTree(DerpNode node) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        tree.put("Name", node.name());
        tree.put("RegionID", node.regionId());
        tree.put("HostName", node.hostName());
        putText(tree, "CertName", node.trust().certName());
        putText(tree, "IPv4", node.ipv4());
        putText(tree, "IPv6", node.ipv6());
        putNumber(tree, "STUNPort", node.ports().stun());
        putTrue(tree, "STUNOnly", node.ports().stunOnly());
        putNumber(tree, "DERPPort", node.ports().derp());
        putTrue(tree, "CanPort80", node.ports().plainHttp());
        putTrue(tree, "InsecureForTests", node.trust().insecureForTests());
        putTrue(tree, "Plaintext", node.trust().plaintext());
        DiscoPublicKey udpRelay = node.udpRelay();
        putText(tree, UDP_RELAY, udpRelay == null ? null : udpRelay.toString());
        return tree;
    }

    private static void putText(ObjectNode tree, String field, @Nullable String value) {
        if (value != null) {
            tree.put(field, value);
        }
    }

    private static void putNumber(ObjectNode tree, String field, int value) {
        if (value != 0) {
            tree.put(field, value);
        }
    }

    private static void putTrue(ObjectNode tree, String field, boolean value) {
        if (value) {
            tree.put(field, true);
        }
    }

    private static DerpRegion region(JsonNode tree, String key) {
        if (!tree.isObject()) {
            throw new DerpMapFormatException("region \"" + key + "\" must be a JSON object");
        }
        List<DerpNode> nodes = new ArrayList<>();
        JsonNode list = tree.path("Nodes");
        if (!list.isArray() && !list.isMissingNode() && !list.isNull()) {
            throw new DerpMapFormatException("\"Nodes\" of region \"" + key + "\" must be a list");
        }
        for (JsonNode node : list) {
            nodes.add(node(node));
        }
        return new DerpRegion(
                number(tree, "RegionID"),
                text(tree, "RegionCode"),
                text(tree, "RegionName"),
                flag(tree, "Avoid"),
                nodes);
    }

    private static DerpNode node(JsonNode tree) {
        return new DerpNode(
                text(tree, "Name"),
                number(tree, "RegionID"),
                text(tree, "HostName"),
                textOrNull(tree, "IPv4"),
                textOrNull(tree, "IPv6"),
                new DerpNode.Ports(
                        number(tree, "DERPPort"),
                        number(tree, "STUNPort"),
                        flag(tree, "STUNOnly"),
                        flag(tree, "CanPort80")),
                new DerpNode.Trust(
                        textOrNull(tree, "CertName"), flag(tree, "Plaintext"), flag(tree, "InsecureForTests")),
                udpRelay(tree));
    }

    private static @Nullable DiscoPublicKey udpRelay(JsonNode tree) {
        String key = textOrNull(tree, UDP_RELAY);
        try {
            return key == null ? null : DiscoPublicKey.parse(key);
        } catch (KeyFormatException noKey) {
            throw new DerpMapFormatException("\"" + UDP_RELAY + "\": " + noKey.getMessage());
        }
    }

    private static String text(JsonNode tree, String field) {
        JsonNode value = tree.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return "";
        }
        if (!value.isTextual()) {
            throw new DerpMapFormatException("\"" + field + "\" must be a string, but is " + value);
        }
        return value.textValue();
    }

    private static @Nullable String textOrNull(JsonNode tree, String field) {
        String text = text(tree, field);
        return text.isEmpty() ? null : text;
    }

    private static int number(JsonNode tree, String field) {
        JsonNode value = tree.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return 0;
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw new DerpMapFormatException("\"" + field + "\" must be a whole number, but is " + value);
        }
        return value.intValue();
    }

    private static boolean flag(JsonNode tree, String field) {
        JsonNode value = tree.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return false;
        }
        if (!value.isBoolean()) {
            throw new DerpMapFormatException("\"" + field + "\" must be true or false, but is " + value);
        }
        return value.booleanValue();
    }
}
