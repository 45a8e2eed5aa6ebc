/** What brings up a fleet: Terraform's modules and what they render, taken by our own programs. */
@NullMarked
package dev.warren.loadtest.fleet;

import org.jspecify.annotations.NullMarked;
