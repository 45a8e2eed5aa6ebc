package dev.warren.loadtest.measure;

import dev.warren.platform.config.UserError;
import java.net.InetSocketAddress;

/** Whom a load may be sent to. */
public final class Targets {
    private Targets() {}

    /**
     * Makes sure that a load stays on this machine.
     *
     * @throws UserError when {@code address} is not loopback and the user did not allow that
     */
    public static void requireLocal(InetSocketAddress address, boolean allowRemote) {
        if (address.isUnresolved()) {
            throw new UserError("the name " + address.getHostString()
                    + " has no address; give one that resolves, or an IP address");
        }
        if (!allowRemote && !address.getAddress().isLoopbackAddress()) {
            throw new UserError(address.getAddress().getHostAddress()
                    + " is not this machine: a load test can take down what it is pointed at."
                    + " Give --allow-remote if the target is yours");
        }
    }
}
