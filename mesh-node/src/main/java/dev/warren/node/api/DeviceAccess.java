package dev.warren.node.api;

import dev.warren.protocol.wireguard.Device;
import java.io.IOException;

/** The device of an interface, for code on other threads than its own. */
interface DeviceAccess {
    /** What is asked or changed on the device's thread. */
    @FunctionalInterface
    interface Question<T> {
        T answer(Device device, long nowNanos);
    }

    /** The answer, when it is there; an IOException says that the interface has ended or has too much to do. */
    <T> T ask(Question<T> question) throws IOException;
}
