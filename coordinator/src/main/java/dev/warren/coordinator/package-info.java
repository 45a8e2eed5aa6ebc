/**
 * The coordinator: who is in the mesh, under which address and keys, and where the relays are.
 *
 * <p>{@code registry} decides, {@code store} remembers, {@code topology} is what everybody reads, {@code api} speaks to
 * nodes and relays, {@code web} to people. One thread (see {@link dev.warren.coordinator.Core}) owns all that changes.
 */
@NullMarked
package dev.warren.coordinator;

import org.jspecify.annotations.NullMarked;
