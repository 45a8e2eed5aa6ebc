package dev.warren.platform.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.warren.platform.config.YamlNode.Items;
import dev.warren.platform.config.YamlNode.Keys;
import dev.warren.platform.config.YamlNode.Kind;
import dev.warren.platform.config.YamlNode.Scalar;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Reads YAML into nodes that know their lines, which Jackson's own tree does not keep. A key that stands twice in one
 * map is refused, and so is a second document.
 */
final class YamlReader {
    private static final YAMLFactory FACTORY = YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final JsonParser parser;
    private final String text;

    private YamlReader(JsonParser parser, String text) {
        this.text = text;
        this.parser = parser;
    }

    /** What {@code text}, the content of {@code file}, holds; empty when that is nothing but comments. */
    static Optional<YamlNode> read(String file, String text) {
        try (JsonParser parser = FACTORY.createParser(text)) {
            if (parser.nextToken() == null) {
                return Optional.empty();
            }
            YamlNode root = new YamlReader(parser, text)
                    .node(parser.currentTokenLocation().getLineNr());
            if (parser.nextToken() != null) {
                throw new UserError(file + ":" + parser.currentTokenLocation().getLineNr()
                        + ": a second document starts here: put everything into one");
            }
            return Optional.of(root);
        } catch (JsonProcessingException broken) {
            long line = broken.getLocation() == null
                    ? 0
                    : Math.max(0, broken.getLocation().getLineNr());
            String said = broken.getOriginalMessage().lines().findFirst().orElse("");
            throw new UserError(file + " is no YAML: line " + line + ": " + said, broken);
        } catch (IOException impossible) {
            throw new AssertionError("a string can be read", impossible);
        }
    }

    private YamlNode node(int line) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> keys(line);
            case START_ARRAY -> items(line);
            case VALUE_NUMBER_INT -> scalar(Kind.WHOLE, line);
            case VALUE_NUMBER_FLOAT -> scalar(Kind.NUMBER, line);
            case VALUE_TRUE, VALUE_FALSE -> scalar(Kind.TRUTH, line);
            case VALUE_NULL -> scalar(Kind.NOTHING, line);
            case null, default -> scalar(isMissing() ? Kind.NOTHING : Kind.TEXT, line);
        };
    }

    /** A key with nothing behind it is an empty text to Jackson, as two quotes are. */
    private boolean isMissing() throws IOException {
        long at = parser.currentTokenLocation().getCharOffset();
        boolean quoted = at >= 0 && at < text.length() && "'\"".indexOf(text.charAt((int) at)) >= 0;
        return parser.getText().isEmpty() && !quoted;
    }

    private Scalar scalar(Kind kind, int line) throws IOException {
        return new Scalar(parser.getText(), kind, line);
    }

    private Keys keys(int line) throws IOException {
        SequencedMap<String, YamlNode> keys = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            int keyLine = parser.currentTokenLocation().getLineNr();
            parser.nextToken();
            keys.put(key, node(keyLine));
        }
        return new Keys(keys, line);
    }

    private Items items(int line) throws IOException {
        List<YamlNode> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(node(parser.currentTokenLocation().getLineNr()));
        }
        return new Items(List.copyOf(items), line);
    }
}
