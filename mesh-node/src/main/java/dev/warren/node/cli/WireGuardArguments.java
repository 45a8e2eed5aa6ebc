package dev.warren.node.cli;

import dev.warren.node.tunnel.Acceleration;
import dev.warren.platform.crypto.CipherPreference;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * The command line of {@code warren-wireguard}: {@code [-f] [OPTIONS] NAME}, as wireguard-go's, and options of ours, which
 * can be given in the environment too because wg-quick passes none.
 *
 * @param interfaceName as it was given
 * @param acceleration what may make it fast
 */
record WireGuardArguments(String interfaceName, Acceleration acceleration) {
    /** The cipher; {@code --cipher} for the daemon. */
    static final String CIPHER = "WARREN_WIREGUARD_CIPHER";

    private static final String CIPHER_FLAG = "--cipher";

    /** Throws IllegalArgumentException with what is wrong. */
    static WireGuardArguments parse(List<String> arguments, Map<String, String> environment) {
        boolean foreground = false;
        String cipher = environment.getOrDefault(CIPHER, CipherPreference.AUTO.toString());
        Iterator<String> rest = arguments.iterator();
        while (rest.hasNext()) {
            String argument = rest.next();
            if (!argument.startsWith("-")) {
                if (rest.hasNext()) {
                    throw wrong();
                }
                return new WireGuardArguments(argument, new Acceleration(CipherPreference.parse(cipher)));
            } else if (!foreground && (argument.equals("-f") || argument.equals("--foreground"))) {
                foreground = true;
            } else if (argument.equals(CIPHER_FLAG) && rest.hasNext()) {
                cipher = rest.next();
            } else if (argument.startsWith(CIPHER_FLAG + "=")) {
                cipher = argument.substring(CIPHER_FLAG.length() + 1);
            } else {
                throw wrong();
            }
        }
        throw wrong();
    }

    private static IllegalArgumentException wrong() {
        return new IllegalArgumentException(
                "give it the name of one interface, such as wg0, and -f in front to stay in the foreground");
    }
}
