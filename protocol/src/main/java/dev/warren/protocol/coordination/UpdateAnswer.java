package dev.warren.protocol.coordination;

/**
 * Answer to {@code POST /v1/update}.
 *
 * @param sequence of the node's statement that the coordinator holds now
 */
public record UpdateAnswer(long sequence) {}
