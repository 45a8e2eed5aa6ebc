/** Our programs against other people's, over loopback; a peer that is not installed skips its test with the reason. */
@NullMarked
package dev.warren.loadtest.interop;

import org.jspecify.annotations.NullMarked;
