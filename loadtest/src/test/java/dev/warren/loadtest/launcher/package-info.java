/** Tests of the launcher script at the root of the tree: a real bash, with a made-up JDK and a made-up Maven. */
@NullMarked
package dev.warren.loadtest.launcher;

import org.jspecify.annotations.NullMarked;
