/** Reports as people see them. */
@NullMarked
package dev.warren.loadtest.report;

import org.jspecify.annotations.NullMarked;
