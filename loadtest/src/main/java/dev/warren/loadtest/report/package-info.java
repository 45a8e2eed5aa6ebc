/**
 * What a load test shows: a table in the terminal and a JSON file.
 */
@NullMarked
package dev.warren.loadtest.report;

import org.jspecify.annotations.NullMarked;
