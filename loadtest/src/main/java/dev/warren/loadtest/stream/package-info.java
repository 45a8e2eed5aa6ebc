/**
 * Drives one TCP stream through a relay, between two agents that have no other way to each other, with a ping beside it:
 * what a user of the relay feels, its queues and what they drop included.
 */
@NullMarked
package dev.warren.loadtest.stream;

import org.jspecify.annotations.NullMarked;
