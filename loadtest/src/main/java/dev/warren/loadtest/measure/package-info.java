/**
 * What every measurement has in common: figures with units, latency curves, the CPU and memory of processes by
 * {@code /proc}, and the watch that says whether the machine was quiet meanwhile.
 */
@NullMarked
package dev.warren.loadtest.measure;

import org.jspecify.annotations.NullMarked;
