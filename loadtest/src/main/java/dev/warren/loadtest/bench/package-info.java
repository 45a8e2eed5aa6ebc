/**
 * {@code warren bench}: JMH benchmarks of the hot paths, and what runs them and writes their table. The benchmarks are
 * the classes that end in {@code Bench}; they are not final because JMH extends them.
 */
@NullMarked
package dev.warren.loadtest.bench;

import org.jspecify.annotations.NullMarked;
