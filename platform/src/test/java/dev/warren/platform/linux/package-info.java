@NullMarked
package dev.warren.platform.linux;

import org.jspecify.annotations.NullMarked;
