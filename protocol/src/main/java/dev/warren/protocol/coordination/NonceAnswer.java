package dev.warren.protocol.coordination;

/**
 * Answer to {@code GET /v1/nonce}.
 *
 * @param nonce to be signed in the next request; good for one request and about a minute
 * @param nowUnixMillis the coordinator's clock
 */
public record NonceAnswer(String nonce, long nowUnixMillis) {}
