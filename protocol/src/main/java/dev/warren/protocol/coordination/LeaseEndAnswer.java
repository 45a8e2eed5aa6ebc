package dev.warren.protocol.coordination;

/**
 * Answer to {@code POST /v1/lease/end}.
 *
 * @param wasListed whether the relay was in the map until now
 */
public record LeaseEndAnswer(boolean wasListed) {}
