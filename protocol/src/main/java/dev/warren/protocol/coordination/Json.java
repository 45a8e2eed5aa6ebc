package dev.warren.protocol.coordination;

import static com.fasterxml.jackson.databind.cfg.CoercionAction.Fail;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.InvalidNullException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The one codec of all coordination messages: a record's components are the object's fields.
 *
 * <p>Reading: unknown fields are ignored; a component without {@code @Nullable} must be there and not null; a number is
 * not taken for a string nor the other way round; a field twice, or anything behind the message, is an error. Writing:
 * one line, null components left out.
 */
public final class Json {
    private static final int MAX_NESTING = 32;
    private static final int MAX_STRING_CHARS = 64 * 1024;
    private static final Pattern MISSING = Pattern.compile("Missing required creator property '([^']+)'");
    private static final ObjectMapper MAPPER = mapper();

    private Json() {}

    /** The message as UTF-8, on one line, without a line feed at its end. */
    public static byte[] encode(Record message) {
        try {
            return MAPPER.writeValueAsBytes(message);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a coordination record has no JSON form", impossible);
        }
    }

    /** The message as text, on one line, without a line feed at its end. */
    public static String encodeText(Record message) {
        return new String(encode(message), StandardCharsets.UTF_8);
    }

    /** Reads a message; throws {@link CoordinationFormatException} that names the field which is wrong. */
    public static <T> T decode(byte[] utf8, Class<T> type) {
        try {
            return checked(MAPPER.readValue(utf8, type), type);
        } catch (JacksonException broken) {
            throw sentence(broken, type);
        } catch (IOException noText) {
            // Jackson takes some first bytes for UTF-32, whose errors are not JSON's to it.
            throw new CoordinationFormatException(type.getSimpleName() + ": this is no text in UTF-8");
        }
    }

    /** Reads a message; throws {@link CoordinationFormatException} that names the field which is wrong. */
    public static <T> T decodeText(String text, Class<T> type) {
        return decode(text.getBytes(StandardCharsets.UTF_8), type);
    }

    private static <T> T checked(@Nullable T message, Class<T> type) {
        if (message == null) {
            throw new CoordinationFormatException(type.getSimpleName() + ": this is no such message");
        }
        return message;
    }

    private static ObjectMapper mapper() {
        StreamReadConstraints limits = StreamReadConstraints.builder()
                .maxNestingDepth(MAX_NESTING)
                .maxStringLength(MAX_STRING_CHARS)
                .build();
        JsonFactory factory =
                JsonFactory.builder().streamReadConstraints(limits).build();
        return JsonMapper.builder(factory)
                .addModule(new CoordinationTypes())
                .annotationIntrospector(new RecordRules())
                .defaultPropertyInclusion(
                        JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .disable(DeserializationFeature.FAIL_ON_INVALID_SUBTYPE)
                .enable(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_USING_DEFAULT_VALUE)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .withCoercionConfig(LogicalType.Textual, text -> text.setCoercion(CoercionInputShape.Integer, Fail)
                        .setCoercion(CoercionInputShape.Float, Fail)
                        .setCoercion(CoercionInputShape.Boolean, Fail))
                .build();
    }

    private static CoordinationFormatException sentence(JacksonException broken, Class<?> type) {
        String where = broken instanceof JsonMappingException mapping ? path(mapping) : "";
        String what = reason(broken);
        Matcher missing = MISSING.matcher(what);
        if (missing.find()) {
            where = where.isEmpty() || where.endsWith(missing.group(1)) ? missing.group(1) : where;
            what = "is missing";
        } else if (broken instanceof InvalidNullException) {
            what = "must not be null";
        }
        String subject = where.isEmpty() ? what : "field \"" + where + "\" " + what;
        return new CoordinationFormatException(type.getSimpleName() + ": " + subject, broken);
    }

    /** A sentence from the innermost exception of ours when there is one, otherwise a short form of Jackson's. */
    private static String reason(JacksonException broken) {
        for (Throwable cause = broken; cause != null; cause = cause.getCause()) {
            if (!(cause instanceof JacksonException) && cause instanceof IllegalArgumentException ours) {
                return "is wrong: " + ours.getMessage();
            }
        }
        if (broken instanceof MismatchedInputException
                && !MISSING.matcher(broken.getOriginalMessage()).find()) {
            return "has a value of the wrong kind";
        }
        return broken instanceof JsonMappingException ? broken.getOriginalMessage() : "is not JSON";
    }

    private static String path(JsonMappingException broken) {
        return broken.getPath().stream()
                .map(step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : step.getFieldName())
                .collect(Collectors.joining("."))
                .replace(".[", "[");
    }
}
