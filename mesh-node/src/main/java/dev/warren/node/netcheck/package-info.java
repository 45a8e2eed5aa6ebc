/**
 * What this machine's network lets through, by what servers answer: the order of questions, what the answers mean, the
 * report. Pure: no sockets, threads or clock; package {@code probe} does the asking.
 */
@NullMarked
package dev.warren.node.netcheck;

import org.jspecify.annotations.NullMarked;
