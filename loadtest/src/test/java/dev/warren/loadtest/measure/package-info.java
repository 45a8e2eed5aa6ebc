@NullMarked
package dev.warren.loadtest.measure;

import org.jspecify.annotations.NullMarked;
