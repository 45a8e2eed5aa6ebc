package dev.warren.protocol.derp;

/** A host and a port in the short form of a relay. */
record Endpoint(String host, int port) {
    private static final int HIGHEST_PORT = 65_535;

    /**
     * From {@code HOST:PORT}, an IPv6 literal in brackets; throws {@link DerpMapFormatException}, whose message goes on
     * a sentence that began with what was parsed.
     */
    static Endpoint parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw new DerpMapFormatException("has no port in \"" + text + "\"");
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new DerpMapFormatException("needs brackets around the IPv6 address \"" + host + "\"");
        }
        if (host.isEmpty()) {
            throw new DerpMapFormatException("has no host in \"" + text + "\"");
        }
        return new Endpoint(host, port(text.substring(colon + 1)));
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 1 && port <= HIGHEST_PORT) {
                return port;
            }
        } catch (NumberFormatException notANumber) {
            throw new DerpMapFormatException("has a port \"" + text + "\" that is not a number");
        }
        throw new DerpMapFormatException("has port " + text + ", which is not between 1 and " + HIGHEST_PORT);
    }
}
