package dev.warren.protocol.coordination;

/**
 * The parts of an HTTP request that {@link RequestSignature} covers.
 *
 * @param method in upper case
 * @param path with the query, as in the request line
 * @param body empty for GET; belongs to the record, not copied
 * @param nonce as the server gave it
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere; a copy of each body would buy nothing
public record SignedRequest(String method, String path, byte[] body, String nonce) {
    /** Refuses line feeds, which separate the parts; throws {@link CoordinationFormatException}. */
    public SignedRequest {
        if (method.indexOf('\n') >= 0 || path.indexOf('\n') >= 0 || nonce.indexOf('\n') >= 0) {
            throw new CoordinationFormatException("a signed request has no line feed in its method, path or nonce");
        }
    }
}
