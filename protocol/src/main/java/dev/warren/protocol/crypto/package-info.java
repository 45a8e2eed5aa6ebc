/** The primitives that the JDK lacks, and one interface in front of the one that it has. Pure functions on bytes. */
@NullMarked
package dev.warren.protocol.crypto;

import org.jspecify.annotations.NullMarked;
