/** Certificates from an authority by ACME (RFC 8555): got, kept in a folder, and renewed. */
@NullMarked
package dev.warren.platform.acme;

import org.jspecify.annotations.NullMarked;
