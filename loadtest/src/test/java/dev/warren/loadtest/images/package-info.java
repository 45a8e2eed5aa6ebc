/** The container images, as they run: by Testcontainers, at a Docker daemon of their own. */
@NullMarked
package dev.warren.loadtest.images;

import org.jspecify.annotations.NullMarked;
