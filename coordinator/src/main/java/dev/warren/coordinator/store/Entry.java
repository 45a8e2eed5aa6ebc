package dev.warren.coordinator.store;

/**
 * One key with its value.
 *
 * @param key a path, parts separated by slashes
 * @param value JSON text
 * @param revision of the last change
 * @param lease that it ends with; {@link Store#NO_LEASE} for none
 */
public record Entry(String key, String value, long revision, long lease) {}
