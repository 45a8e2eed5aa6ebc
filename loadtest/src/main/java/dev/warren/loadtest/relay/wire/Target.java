package dev.warren.loadtest.relay.wire;

import dev.warren.platform.config.HostPort;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.derp.Upgrade;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Set;

/**
 * A relay to be measured.
 *
 * @param tls whether it is spoken to in TLS
 * @param host a name, or an address without brackets
 */
public record Target(boolean tls, String host, int port) {
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;
    private static final Set<String> PATHS = Set.of("", "/", Upgrade.PATH);

    /** Reads {@code http://HOST:PORT} or {@code https://HOST:PORT}; throws {@link UserError} for anything else. */
    public static Target parse(String url) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException wrong) {
            throw unreadable(url);
        }
        String scheme = String.valueOf(uri.getScheme());
        boolean tls = scheme.equals("https");
        String host = uri.getHost();
        if (host == null || uri.getUserInfo() != null || !(tls || scheme.equals("http"))) {
            throw unreadable(url);
        }
        if (!PATHS.contains(uri.getPath()) || uri.getQuery() != null || uri.getFragment() != null) {
            throw new UserError("the target \"" + url + "\" has a path, but every relay speaks DERP on " + Upgrade.PATH
                    + "; leave it out");
        }
        int usual = tls ? HTTPS_PORT : HTTP_PORT;
        boolean six = host.startsWith("[");
        return new Target(
                tls, six ? host.substring(1, host.length() - 1) : host, uri.getPort() < 0 ? usual : uri.getPort());
    }

    /** The address; asks DNS when the host is a name. Throws {@link UserError} when it is unknown. */
    public InetSocketAddress resolve() {
        return new HostPort(host, port).resolve();
    }

    /** Host and port, as the request's Host field and sentences have them. */
    public String hostPort() {
        return new HostPort(host, port).toString();
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        return (tls ? "https://" : "http://") + hostPort();
    }

    private static UserError unreadable(String url) {
        return new UserError(
                "the target \"" + url + "\" is no relay's URL; write http://HOST:PORT, or https://HOST:PORT for TLS");
    }
}
