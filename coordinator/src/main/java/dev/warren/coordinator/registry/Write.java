package dev.warren.coordinator.registry;

/**
 * A change that a decision asks of the store.
 *
 * @param key relative to the mesh's prefix
 * @param value JSON text
 * @param expectedRevision of the entry that it replaces; 0 = there must be none
 * @param ttlMillis after which the store may forget it; 0 = never
 */
public record Write(String key, String value, long expectedRevision, long ttlMillis) {}
