package dev.warren.node.cli;

import dev.warren.node.tunnel.Acceleration;
import dev.warren.node.tunnel.Offload;
import dev.warren.platform.crypto.CipherPreference;
import dev.warren.platform.linux.Offloads;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The command line of {@code warren-wireguard}: {@code [-f] [OPTIONS] NAME}, as wireguard-go's, and options of ours, which
 * can be given in the environment too because wg-quick passes none.
 *
 * @param interfaceName as it was given
 * @param acceleration what may make it fast
 */
record WireGuardArguments(String interfaceName, Acceleration acceleration) {
    private static final String CIPHER_FLAG = "--cipher";
    private static final String OFF = "--no-";

    /** Throws IllegalArgumentException with what is wrong. */
    static WireGuardArguments parse(List<String> arguments, Map<String, String> environment) {
        String cipher = environment.getOrDefault(variable(CIPHER_FLAG), CipherPreference.AUTO.toString());
        Set<Offload> off = switchedOff(environment);
        boolean foreground = false;
        Iterator<String> rest = arguments.iterator();
        while (rest.hasNext()) {
            String argument = rest.next();
            Offload offload = offload(argument);
            if (!argument.startsWith("-")) {
                if (rest.hasNext()) {
                    throw wrong();
                }
                return new WireGuardArguments(argument, new Acceleration(CipherPreference.parse(cipher), without(off)));
            } else if (!foreground && (argument.equals("-f") || argument.equals("--foreground"))) {
                foreground = true;
            } else if (argument.equals(CIPHER_FLAG) && rest.hasNext()) {
                cipher = rest.next();
            } else if (argument.startsWith(CIPHER_FLAG + "=")) {
                cipher = argument.substring(CIPHER_FLAG.length() + 1);
            } else if (offload != null) {
                off.add(offload);
            } else {
                throw wrong();
            }
        }
        throw wrong();
    }

    private static Set<Offload> switchedOff(Map<String, String> environment) {
        Set<Offload> off = EnumSet.noneOf(Offload.class);
        for (Offload offload : Offload.values()) {
            String variable = variable(OFF + offload);
            switch (environment.getOrDefault(variable, "false").toLowerCase(Locale.ROOT)) {
                case "true", "1" -> off.add(offload);
                case "false", "0", "" -> {}
                case String other ->
                    throw new IllegalArgumentException(
                            variable + "=" + other + " is neither true nor false; leave it out to keep " + offload);
            }
        }
        return off;
    }

    /** What the flag switches off. */
    private static @Nullable Offload offload(String flag) {
        for (Offload offload : Offload.values()) {
            if (flag.equals(OFF + offload)) {
                return offload;
            }
        }
        return null;
    }

    private static Offloads without(Set<Offload> off) {
        return new Offloads(
                !off.contains(Offload.TUN_TCP),
                !off.contains(Offload.TUN_UDP),
                !off.contains(Offload.UDP_GSO),
                !off.contains(Offload.UDP_GRO));
    }

    /** As {@code warren wireguard} has them. */
    private static String variable(String flag) {
        return "WARREN_WIREGUARD_" + flag.substring(2).toUpperCase(Locale.ROOT).replace('-', '_');
    }

    private static IllegalArgumentException wrong() {
        return new IllegalArgumentException(
                "give it the name of one interface, such as wg0, and -f in front to stay in the foreground");
    }
}
