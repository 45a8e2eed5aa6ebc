/** What must survive a restart, behind one small interface shaped after etcd. Values are JSON texts. */
@NullMarked
package dev.warren.coordinator.store;

import org.jspecify.annotations.NullMarked;
