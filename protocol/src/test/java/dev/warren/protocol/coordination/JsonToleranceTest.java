package dev.warren.protocol.coordination;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class JsonToleranceTest {
    @Test
    void unknownFieldsAreIgnored() {
        NonceAnswer answer = Json.decodeText(
                "{\"nonce\":\"n\",\"later\":{\"a\":[1,{}]},\"nowUnixMillis\":5,\"x\":null}", NonceAnswer.class);
        assertEquals(new NonceAnswer("n", 5), answer);
    }

    @Test
    void aFrameOfAnUnknownKindIsRecognisedAsSuch() {
        assertInstanceOf(WatchFrame.Unknown.class, Json.decodeText("{\"kind\":\"advice\",\"x\":1}", WatchFrame.class));
        assertInstanceOf(WatchFrame.Unknown.class, Json.decodeText("{}", WatchFrame.class));
    }

    /** Found by fuzzing: such bytes look like UTF-32 to the JSON reader. */
    @Test
    void regressionBytesThatLookLikeUtf32() {
        byte[] utf32 = {2, 0, 0, 0x68, 0x0f, 0x1c, 0x2d, 0x3e};
        assertThrows(CoordinationFormatException.class, () -> Json.decode(utf32, NonceAnswer.class));
    }

    @Test
    void anUnknownErrorCodeIsAnInternalError() {
        ErrorAnswer answer = Json.decodeText("{\"error\":\"moon-phase\",\"message\":\"m\"}", ErrorAnswer.class);
        assertEquals(ErrorCode.INTERNAL, answer.error());
    }

    @Test
    void anUnknownKindOfPathIsNone() {
        String json = "{\"peer\":\"nodekey:" + "00".repeat(32) + "\",\"kind\":\"pigeon\",\"relayRegion\":0}";
        assertEquals(PathKind.NONE, Json.decodeText(json, PathReport.class).kind());
    }

    @Test
    void nullableFieldsMayBeAbsentOrNull() {
        assertNull(Json.decodeText("{}", UpdateRequest.class).paths());
        assertNull(Json.decodeText("{\"paths\":null,\"record\":null}", UpdateRequest.class)
                .record());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {"nowUnixMillis":5}                            | NonceAnswer: field "nonce" is missing
            {"nonce":null,"nowUnixMillis":5}               | NonceAnswer: field "nonce" must not be null
            {"nonce":"n"}                                  | NonceAnswer: field "nowUnixMillis" is missing
            {"nonce":"n","nowUnixMillis":"5"}              | NonceAnswer: field "nowUnixMillis" has a value of the wrong kind
            {"nonce":"n","nowUnixMillis":5.5}              | NonceAnswer: field "nowUnixMillis" has a value of the wrong kind
            {"nonce":5,"nowUnixMillis":5}                  | NonceAnswer: field "nonce" has a value of the wrong kind
            {"nonce":"n","nowUnixMillis":5} x              | NonceAnswer: is not JSON
            {"nonce":"n","nonce":"m","nowUnixMillis":5}    | NonceAnswer: is not JSON
            {"nonce":"n"                                   | NonceAnswer: is not JSON
            []                                             | NonceAnswer: has a value of the wrong kind
            null                                           | NonceAnswer: this is no such message
            """)
    void whatIsWrongIsNamed(String json, String sentence) {
        assertEquals(sentence, refusal(json, NonceAnswer.class));
    }

    @Test
    void theWayToTheWrongFieldIsNamed() {
        String json =
                "{\"kind\":\"delta\",\"changed\":[{\"name\":\"a\",\"signed\":{\"payload\":\"\",\"signature\":\"\"},"
                        + "\"addresses\":[\"100.64.0.1\",\"x\"]}]}";
        assertEquals(
                "Delta: field \"changed[0].addresses[1]\" is wrong: \"x\" is not an IP address",
                refusal(json, WatchFrame.Delta.class));
    }

    @Test
    void nullsInListsAreRefused() {
        String json =
                "{\"kind\":\"delta\",\"from\":1,\"revision\":2,\"changed\":[null],\"removed\":[],\"presence\":[]}";
        assertThrows(CoordinationFormatException.class, () -> Json.decodeText(json, WatchFrame.Delta.class));
    }

    @Test
    void deepNestingIsRefused() {
        String json = "{\"later\":" + "[".repeat(1000) + "]".repeat(1000) + "}";
        assertThrows(CoordinationFormatException.class, () -> Json.decodeText(json, NonceAnswer.class));
    }

    @Test
    void aBrokenKeyIsNamedWithoutItsText() {
        String said = refusal("{\"NodePublic\":\"privkey:" + "ab".repeat(32) + "\"}", VerifyRequest.class);
        assertEquals("VerifyRequest: field \"NodePublic\" is wrong: a node key must start with \"nodekey:\"", said);
    }

    @Test
    void tooManyEndpointsAreRefused() {
        String endpoints = "\"1.2.3.4:5\",".repeat(64) + "\"1.2.3.4:5\"";
        String json = "{\"mesh\":\"" + "00".repeat(16) + "\",\"identity\":\"idkey:" + "00".repeat(32)
                + "\",\"sequence\":1,\"keys\":[{\"key\":\"nodekey:" + "00".repeat(32)
                + "\"}],\"discoKey\":\"discokey:" + "00".repeat(32) + "\",\"endpoints\":[" + endpoints
                + "],\"homeRegion\":0}";
        assertEquals(
                "NodeStatement: is wrong: field \"endpoints\" has 65 entries; at most 64 are allowed",
                refusal(json, NodeStatement.class));
    }

    private static String refusal(String json, Class<?> type) {
        return Refusal.of(() -> Json.decodeText(json, type));
    }
}
