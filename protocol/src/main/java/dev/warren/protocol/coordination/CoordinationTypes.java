package dev.warren.protocol.coordination;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpMapCodec;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.IdentityPublicKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.function.Function;

/**
 * The JSON forms of values that are no records: keys, addresses and blocks as text, the relay map as Tailscale's JSON.
 */
final class CoordinationTypes extends SimpleModule {
    private static final long serialVersionUID = 1;

    CoordinationTypes() {
        super("warren-coordination");
        text(NodePublicKey.class, NodePublicKey::toString, NodePublicKey::parse);
        text(DiscoPublicKey.class, DiscoPublicKey::toString, DiscoPublicKey::parse);
        text(IdentityPublicKey.class, IdentityPublicKey::toString, IdentityPublicKey::parse);
        text(MeshId.class, MeshId::text, MeshId::new);
        text(URI.class, URI::toString, URI::create);
        text(InetAddress.class, AddressText::format, AddressText::parseIp);
        text(InetSocketAddress.class, AddressText::format, AddressText::parseEndpoint);
        text(IpPrefix.class, CoordinationTypes::format, CoordinationTypes::parsePrefix);
        addSerializer(DerpMap.class, new DerpMapWriter());
        addDeserializer(DerpMap.class, new DerpMapReader());
    }

    private <T> void text(Class<T> type, Function<T, String> format, Function<String, T> parse) {
        addSerializer(type, new TextWriter<>(type, format));
        addDeserializer(type, new TextReader<>(type, parse));
    }

    private static String format(IpPrefix prefix) {
        return AddressText.format(prefix.address()) + "/" + prefix.bits();
    }

    private static IpPrefix parsePrefix(String text) {
        int slash = text.indexOf('/');
        int bits = slash < 0 ? -1 : prefixLength(text.substring(slash + 1));
        if (bits < 0) {
            throw new CoordinationFormatException("an address block has the form ADDRESS/BITS");
        }
        return new IpPrefix(AddressText.parseIp(text.substring(0, slash)), bits);
    }

    private static int prefixLength(String text) {
        boolean digits = !text.isEmpty() && text.length() <= 3 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits ? Integer.parseInt(text) : -1;
    }

    private static final class TextWriter<T> extends StdSerializer<T> {
        private static final long serialVersionUID = 1;
        private final transient Function<T, String> format;

        TextWriter(Class<T> type, Function<T, String> format) {
            super(type);
            this.format = format;
        }

        @Override
        public void serialize(T value, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeString(format.apply(value));
        }
    }

    private static final class TextReader<T> extends StdDeserializer<T> {
        private static final long serialVersionUID = 1;
        private final transient Function<String, T> parse;

        TextReader(Class<T> type, Function<String, T> parse) {
            super(type);
            this.parse = parse;
        }

        @Override
        public T deserialize(JsonParser in, DeserializationContext context) throws IOException {
            if (in.currentToken() != JsonToken.VALUE_STRING) {
                throw new CoordinationFormatException("a text is expected");
            }
            return parse.apply(in.getText());
        }
    }

    private static final class DerpMapWriter extends StdSerializer<DerpMap> {
        private static final long serialVersionUID = 1;

        DerpMapWriter() {
            super(DerpMap.class);
        }

        @Override
        public void serialize(DerpMap map, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeTree(DerpMapCodec.toTree(map));
        }
    }

    private static final class DerpMapReader extends StdDeserializer<DerpMap> {
        private static final long serialVersionUID = 1;

        DerpMapReader() {
            super(DerpMap.class);
        }

        @Override
        public DerpMap deserialize(JsonParser in, DeserializationContext context) throws IOException {
            return DerpMapCodec.ofTree(context.readTree(in));
        }
    }
}
