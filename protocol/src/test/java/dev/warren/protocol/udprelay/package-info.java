@NullMarked
package dev.warren.protocol.udprelay;

import org.jspecify.annotations.NullMarked;
