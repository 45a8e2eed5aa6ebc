/**
 * What a load test shows: a table in the terminal, a JSON file, and one HTML page with plots that needs nothing else.
 */
@NullMarked
package dev.warren.loadtest.report;

import org.jspecify.annotations.NullMarked;
