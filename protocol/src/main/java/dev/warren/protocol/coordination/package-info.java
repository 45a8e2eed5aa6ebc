/**
 * The coordinator's messages: JSON over HTTPS under {@code /v1/}, one record a message and {@link Json} as the one
 * codec.
 *
 * <p>Tolerance: unknown fields are ignored, unknown kinds of watch frame are skipped, a missing or null required field
 * is an error that names it. Keys travel in their text forms, addresses as {@code ip:port}, times as Unix milliseconds.
 * What a node says of itself travels as the exact text that its identity key signed ({@link SignedNodeRecord}), so
 * nobody on the way can change it and no canonical form is needed.
 */
@NullMarked
package dev.warren.protocol.coordination;

import org.jspecify.annotations.NullMarked;
