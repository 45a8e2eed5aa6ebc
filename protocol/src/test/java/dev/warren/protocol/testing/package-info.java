/** What the tests of every module share: seeded randomness and bytes written as hex. */
@NullMarked
package dev.warren.protocol.testing;

import org.jspecify.annotations.NullMarked;
