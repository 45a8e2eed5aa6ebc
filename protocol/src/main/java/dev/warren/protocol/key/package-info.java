/**
 * Keys as types: fixed length by construction, a text form each, and private halves that never show themselves.
 *
 * <p>Text forms are Tailscale's where one exists ({@code nodekey:}, {@code privkey:}, {@code discokey:}, a mesh key as
 * bare hex), so keys can be pasted between the two worlds.
 */
@NullMarked
package dev.warren.protocol.key;

import org.jspecify.annotations.NullMarked;
