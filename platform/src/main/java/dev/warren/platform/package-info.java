/** What every program needs from the outside world. */
@NullMarked
package dev.warren.platform;

import org.jspecify.annotations.NullMarked;
