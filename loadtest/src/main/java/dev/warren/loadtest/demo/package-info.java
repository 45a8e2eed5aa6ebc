/**
 * {@code warren demo}: a small internet with NATs in network namespaces, the real programs on it, a live table of who
 * reaches whom how, and a check of the whole story. Everything happens in one sandbox that takes all of its processes,
 * namespaces and interfaces along when it ends, however it ends.
 */
@NullMarked
package dev.warren.loadtest.demo;

import org.jspecify.annotations.NullMarked;
