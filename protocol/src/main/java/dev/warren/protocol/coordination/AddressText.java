package dev.warren.protocol.coordination;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Addresses as text: {@code 192.0.2.1:41641} and {@code [2001:db8::1]:41641}. Never asks DNS, knows no zones. */
public final class AddressText {
    private static final int MAX_LENGTH = 64;
    private static final int MAX_PORT = 65_535;

    private AddressText() {}

    /** The text of an address with its port; IPv6 stands in brackets. */
    public static String format(InetSocketAddress endpoint) {
        String ip = format(endpoint.getAddress());
        return (endpoint.getAddress() instanceof Inet6Address ? "[" + ip + "]" : ip) + ":" + endpoint.getPort();
    }

    /** The text of an address alone, without a zone. */
    public static String format(InetAddress address) {
        String text = address.getHostAddress();
        int zone = text.indexOf('%');
        return zone < 0 ? text : text.substring(0, zone);
    }

    /** Reads what {@link #format(InetSocketAddress)} writes; throws {@link CoordinationFormatException}. */
    public static InetSocketAddress parseEndpoint(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (bracketed) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.isEmpty() || bracketed != host.contains(":")) {
            throw new CoordinationFormatException("\"" + shortened(text) + "\" is not IP:PORT or [IPv6]:PORT");
        }
        return new InetSocketAddress(parseIp(host), parsePort(text, text.substring(colon + 1)));
    }

    /** Reads an IP address; throws {@link CoordinationFormatException}. */
    public static InetAddress parseIp(String text) {
        if (text.length() > MAX_LENGTH || text.indexOf('%') >= 0) {
            throw new CoordinationFormatException("\"" + shortened(text) + "\" is not an IP address");
        }
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException notAnAddress) {
            throw new CoordinationFormatException("\"" + shortened(text) + "\" is not an IP address", notAnAddress);
        }
    }

    private static int parsePort(String whole, String text) {
        int port = -1;
        if (!text.isEmpty() && text.length() <= 5 && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            port = Integer.parseInt(text);
        }
        if (port < 0 || port > MAX_PORT) {
            throw new CoordinationFormatException("\"" + shortened(whole) + "\" has no port from 0 to " + MAX_PORT);
        }
        return port;
    }

    private static String shortened(String text) {
        return text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "...";
    }
}
