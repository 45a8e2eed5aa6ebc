package dev.warren.loadtest.report;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import dev.warren.loadtest.measure.Report;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A report as JSON. The fields carry the names of the components of {@link Report} and of the records in it; times are
 * ISO 8601 in UTC, durations nanoseconds, enumerations their names; a number that is none (NaN) is {@code null}.
 * {@code schema} is {@value #SCHEMA}; it changes whenever an old reader would misread a new file, not when fields are
 * added.
 */
public final class ReportJson {
    /** The version of the format. */
    public static final int SCHEMA = 1;

    private static final String VERSION = "schema";
    private static final Pattern MISSING = Pattern.compile("Missing (?:required )?creator property '(\\w+)'");
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new SimpleModule()
                    .addSerializer(Instant.class, new InstantWriter())
                    .addDeserializer(Instant.class, new InstantReader())
                    .addSerializer(Double.class, new NumberWriter())
                    .addSerializer(double.class, new NumberWriter())
                    .addDeserializer(Double.class, new NumberReader())
                    .addDeserializer(double.class, new NumberReader()))
            .visibility(PropertyAccessor.GETTER, Visibility.NONE)
            .visibility(PropertyAccessor.IS_GETTER, Visibility.NONE)
            .visibility(PropertyAccessor.FIELD, Visibility.ANY)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private ReportJson() {}

    /** The report as text. */
    public static String write(Report report) {
        ObjectNode tree = MAPPER.createObjectNode().put(VERSION, SCHEMA);
        tree.setAll((ObjectNode) MAPPER.valueToTree(report));
        return tree.toPrettyString() + "\n";
    }

    /**
     * The report in a text.
     *
     * @param name what to call the text in a sentence, such as the file's name
     * @throws UserError if it is no report, or one of a version that is not known here
     */
    public static Report read(String name, String json) {
        JsonNode tree;
        try {
            tree = MAPPER.readTree(json);
        } catch (JsonProcessingException broken) {
            throw new UserError(name + " is not JSON: " + broken.getOriginalMessage() + place(broken), broken);
        }
        JsonNode version = tree.path(VERSION);
        if (!version.isIntegralNumber()) {
            throw new UserError(name + " is no report of a load test: it has no number in \"" + VERSION
                    + "\"; give a file that --json wrote");
        }
        if (version.asLong() != SCHEMA) {
            throw new UserError(
                    name + " has version " + version.asText() + " of the report format and this program reads"
                            + " version " + SCHEMA + "; read it with the program that wrote it");
        }
        try {
            return MAPPER.treeToValue(tree, Report.class);
        } catch (JsonProcessingException | IllegalArgumentException wrong) {
            throw new UserError(name + " is no whole report: " + firstLine(wrong), wrong);
        }
    }

    private static String place(JsonProcessingException broken) {
        return broken.getLocation() == null
                ? ""
                : " (line " + broken.getLocation().getLineNr() + ")";
    }

    private static String firstLine(Exception wrong) {
        String message = wrong instanceof JsonProcessingException json
                ? json.getOriginalMessage()
                : String.valueOf(wrong.getMessage());
        Matcher missing = MISSING.matcher(message);
        return missing.lookingAt()
                ? "it has no \"" + missing.group(1) + "\""
                : message.lines().findFirst().orElse("no reason known");
    }

    private static final class InstantWriter extends StdSerializer<Instant> {
        private static final long serialVersionUID = 1;

        InstantWriter() {
            super(Instant.class);
        }

        @Override
        public void serialize(Instant value, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeString(value.toString());
        }
    }

    private static final class InstantReader extends StdDeserializer<Instant> {
        private static final long serialVersionUID = 1;

        InstantReader() {
            super(Instant.class);
        }

        @Override
        public Instant deserialize(JsonParser in, DeserializationContext context) throws IOException {
            String text = in.getValueAsString("");
            try {
                return Instant.parse(text);
            } catch (DateTimeException _) {
                return (Instant) context.handleWeirdStringValue(Instant.class, text, "not a time in ISO 8601");
            }
        }
    }

    private static final class NumberWriter extends StdSerializer<Double> {
        private static final long serialVersionUID = 1;

        NumberWriter() {
            super(Double.class);
        }

        @Override
        public void serialize(Double value, JsonGenerator out, SerializerProvider provider) throws IOException {
            if (Double.isFinite(value)) {
                out.writeNumber(value);
            } else {
                out.writeNull();
            }
        }
    }

    private static final class NumberReader extends StdDeserializer<Double> {
        private static final long serialVersionUID = 1;

        NumberReader() {
            super(Double.class);
        }

        @Override
        public Double deserialize(JsonParser in, DeserializationContext context) throws IOException {
            return _parseDoublePrimitive(in, context);
        }

        @Override
        public Double getNullValue(DeserializationContext context) {
            return Double.NaN;
        }
    }
}
