package dev.warren.protocol.coordination;

import org.jspecify.annotations.Nullable;

/**
 * The body of every answer that is not a success.
 *
 * @param error for programs
 * @param message one sentence for people
 * @param sequence with {@link ErrorCode#STALE_SEQUENCE}: the sequence that the coordinator holds; null otherwise
 */
public record ErrorAnswer(ErrorCode error, String message, @Nullable Long sequence) {}
