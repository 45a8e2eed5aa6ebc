/** What an operator watches: metrics, health and readiness on a listener of their own. */
@NullMarked
package dev.warren.platform.ops;

import org.jspecify.annotations.NullMarked;
