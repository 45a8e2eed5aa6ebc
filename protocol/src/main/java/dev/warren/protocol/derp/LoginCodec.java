package dev.warren.protocol.derp;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.warren.protocol.crypto.NaclBox;
import dev.warren.protocol.key.KeyFormatException;
import dev.warren.protocol.key.MeshKey;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The JSON in the two boxes of a login. Read as Go reads it: field names in any case, the last of several wins, unknown
 * fields ignored, nothing behind the object; a null leaves a field, or all of them, at the zero value, but a mesh key
 * that is there must be one.
 */
public final class LoginCodec {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private LoginCodec() {}

    /** The login frame of the client with the key {@code mine} for the relay with which it shares the box {@code pair}. */
    public static Frame.ClientHello seal(ClientInfo info, NodePublicKey mine, NaclBox pair, RandomGenerator random) {
        return new Frame.ClientHello(mine, Payload.of(pair.seal(encode(info), random)));
    }

    /** The answer of the relay to the client with which it shares the box {@code pair}. */
    public static Frame.ServerHello seal(ServerInfo info, NaclBox pair, RandomGenerator random) {
        return new Frame.ServerHello(Payload.of(pair.seal(encode(info), random)));
    }

    /**
     * What the client sealed for the relay, with the box {@code pair} between its key in {@code hello} and the relay's;
     * throws {@link ProtocolException}.
     */
    public static ClientInfo open(Frame.ClientHello hello, NaclBox pair) {
        return decodeClientInfo(unbox(pair, hello.box(), "client"));
    }

    /** What the relay sealed for the client with which it shares the box {@code pair}. */
    public static ServerInfo open(Frame.ServerHello hello, NaclBox pair) {
        return decodeServerInfo(unbox(pair, hello.box(), "server"));
    }

    /** The JSON of a client's login, byte for byte as Tailscale's client writes it. */
    static byte[] encode(ClientInfo info) {
        StringBuilder json = new StringBuilder("{");
        if (info.meshKey() != null) {
            json.append("\"meshKey\":\"").append(info.meshKey().secretText()).append("\",");
        }
        putNumber(json, "version", info.version());
        json.append("\"CanAckPings\":").append(info.canAckPings()).append(',');
        if (info.isProber()) {
            json.append("\"IsProber\":true,");
        }
        if (!info.appName().isEmpty()) {
            json.append("\"AppName\":\"");
            JsonStringEncoder.getInstance().quoteAsString(info.appName(), json);
            json.append("\",");
        }
        return object(json);
    }

    /** The JSON of a relay's answer. */
    static byte[] encode(ServerInfo info) {
        StringBuilder json = new StringBuilder("{");
        putNumber(json, "version", info.version());
        putNumber(json, "TokenBucketBytesPerSecond", info.tokenBucketBytesPerSecond());
        putNumber(json, "TokenBucketBytesBurst", info.tokenBucketBytesBurst());
        return object(json);
    }

    private static void putNumber(StringBuilder json, String field, int value) {
        if (value != 0) {
            json.append('"').append(field).append("\":").append(value).append(',');
        }
    }

    /** Closes the object, after whose last field a comma stands. */
    private static byte[] object(StringBuilder json) {
        json.setLength(Math.max(1, json.length() - 1));
        return json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Reads a client's login; throws {@link ProtocolException}. */
    static ClientInfo decodeClientInfo(byte[] json) {
        JsonNode tree = object(json);
        return new ClientInfo(
                meshKey(tree),
                number(tree, "version"),
                flag(tree, "CanAckPings"),
                flag(tree, "IsProber"),
                text(tree, "AppName"));
    }

    /** Reads a relay's answer; throws {@link ProtocolException}. */
    static ServerInfo decodeServerInfo(byte[] json) {
        JsonNode tree = object(json);
        return new ServerInfo(
                number(tree, "version"),
                number(tree, "TokenBucketBytesPerSecond"),
                number(tree, "TokenBucketBytesBurst"));
    }

    private static byte[] unbox(NaclBox pair, Payload box, String who) {
        byte[] json = pair.open(box.bytes(), 0, box.length());
        if (json == null) {
            throw new ProtocolException(
                    ProtocolException.Reason.BAD_BOX, "the " + who + "'s box does not open with the key it claims");
        }
        return json;
    }

    private static JsonNode object(byte[] json) {
        try {
            JsonNode tree = JSON.readTree(json);
            if (tree.isObject()) {
                return tree;
            }
            if (tree.isNull()) {
                return JsonNodeFactory.instance.objectNode();
            }
        } catch (JsonProcessingException broken) {
            throw badJson("the login is not JSON: " + broken.getOriginalMessage());
        } catch (IOException noText) {
            // Jackson takes some first bytes for UTF-32, whose errors are not JSON's to it.
            throw badJson("the login is no text: " + noText.getMessage());
        }
        throw badJson("the login is JSON, but no object");
    }

    private static @Nullable JsonNode field(JsonNode tree, String name) {
        JsonNode found = null;
        for (Map.Entry<String, JsonNode> entry : tree.properties()) {
            if (entry.getKey().equalsIgnoreCase(name)) {
                found = entry.getValue();
            }
        }
        return found;
    }

    private static @Nullable MeshKey meshKey(JsonNode tree) {
        JsonNode value = field(tree, "meshKey");
        if (value == null) {
            return null;
        }
        if (!value.isTextual()) {
            throw badJson("\"meshKey\" is not a string");
        }
        try {
            return MeshKey.parse(value.textValue());
        } catch (KeyFormatException notAKey) {
            throw badJson("\"meshKey\": " + notAKey.getMessage());
        }
    }

    private static int number(JsonNode tree, String name) {
        JsonNode value = field(tree, name);
        if (value == null || value.isNull()) {
            return 0;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw badJson("\"" + name + "\" is not a whole number");
        }
        return Math.clamp(value.longValue(), Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    private static boolean flag(JsonNode tree, String name) {
        JsonNode value = field(tree, name);
        if (value == null || value.isNull()) {
            return false;
        }
        if (!value.isBoolean()) {
            throw badJson("\"" + name + "\" is not true or false");
        }
        return value.booleanValue();
    }

    private static String text(JsonNode tree, String name) {
        JsonNode value = field(tree, name);
        if (value == null || value.isNull()) {
            return "";
        }
        if (!value.isTextual()) {
            throw badJson("\"" + name + "\" is not a string");
        }
        return value.textValue();
    }

    private static ProtocolException badJson(String message) {
        return new ProtocolException(ProtocolException.Reason.BAD_JSON, message);
    }
}
