/** The status page and the JSON behind it, metrics and health, on the ops listener. */
@NullMarked
package dev.warren.coordinator.web;

import org.jspecify.annotations.NullMarked;
