/** Tests of the demo: its sandbox and its internet with real namespaces, the rest without. */
@NullMarked
package dev.warren.loadtest.demo;

import org.jspecify.annotations.NullMarked;
