/** The agent's commands. Only this package reads flags, prints, or exits. */
@NullMarked
package dev.warren.node.cli;

import org.jspecify.annotations.NullMarked;
