package dev.warren.protocol.portmap;

import java.util.Locale;

/** UPnP's search for devices and what they answer (UPnP Device Architecture 1.1 section 1.3). */
public sealed interface SsdpMessage {
    /**
     * Control point to devices: who is of this kind?
     *
     * @param host {@code ADDRESS:PORT} that it is sent to
     * @param target the kind, such as {@code urn:schemas-upnp-org:device:InternetGatewayDevice:1} or {@code ssdp:all}
     * @param maxWaitSeconds devices may take this long to answer a multicast, 1 to 5; 0 in a search that goes to one
     *     device, which answers at once
     */
    record Search(String host, String target, int maxWaitSeconds) implements SsdpMessage {
        private static final int LONGEST_WAIT = 5;

        /** Throws IllegalArgumentException for text that would not fit on its line, no target, or another time. */
        public Search {
            checkText(host);
            checkTarget(target);
            if (maxWaitSeconds < 0 || maxWaitSeconds > LONGEST_WAIT) {
                throw new IllegalArgumentException("a search waits 0 to 5 s, not " + maxWaitSeconds);
            }
        }
    }

    /**
     * Device to control point: I am.
     *
     * @param target the kind that was asked for, or one of the device's kinds when all were
     * @param name unique name of the device and its kind (USN); may be empty
     * @param location URL of its description; may be empty
     * @param server what it calls its software; may be empty
     */
    record Answer(String target, String name, String location, String server) implements SsdpMessage {
        private static final String GATEWAY = ":internetgatewaydevice:";

        /** Throws IllegalArgumentException for text that would not fit on its line, or no target. */
        public Answer {
            checkTarget(target);
            checkText(name);
            checkText(location);
            checkText(server);
        }

        /** Whether it is a router that can be asked for mappings (IGD:1 or IGD:2). */
        public boolean isGateway() {
            return (target + " " + name).toLowerCase(Locale.ROOT).contains(GATEWAY);
        }
    }

    /** Printable Latin-1 without blanks around it: what stands on one line of a header and is read back the same. */
    static boolean isText(String text) {
        return text.equals(text.strip()) && text.chars().allMatch(c -> c >= ' ' && c <= 0xFF && (c < 0x7F || c > 0xA0));
    }

    private static void checkTarget(String target) {
        checkText(target);
        if (target.isEmpty()) {
            throw new IllegalArgumentException("a search, and its answer, needs a target");
        }
    }

    private static void checkText(String text) {
        if (!isText(text)) {
            throw new IllegalArgumentException("a header field cannot hold this text");
        }
    }
}
