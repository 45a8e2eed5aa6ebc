/**
 * Where keys are kept and how they change: {@link dev.warren.node.keys.KeyManager} is the way to key files, systemd
 * credentials and sealed keys.
 */
@NullMarked
package dev.warren.node.keys;

import org.jspecify.annotations.NullMarked;
