/**
 * How every program is run: flags with defaults from the environment, errors as one sentence, logging, a clean stop.
 */
@NullMarked
package dev.warren.platform.config;

import org.jspecify.annotations.NullMarked;
