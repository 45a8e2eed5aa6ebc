/**
 * Faster implementations of what {@code protocol.crypto} has in Java: OpenSSL's libcrypto by {@code java.lang.foreign},
 * where the machine has it, and Java's Vector API; and the choice between them.
 */
@NullMarked
package dev.warren.platform.crypto;

import org.jspecify.annotations.NullMarked;
