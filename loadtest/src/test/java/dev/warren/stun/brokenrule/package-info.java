/** Code that breaks the architecture on purpose, to prove that the rules bite; on no program's class path. */
@NullMarked
package dev.warren.stun.brokenrule;

import org.jspecify.annotations.NullMarked;
