package dev.warren.relay;

import dev.warren.platform.config.HostPort;
import dev.warren.platform.config.UserError;
import dev.warren.relay.http.BootstrapDns;
import dev.warren.relay.http.HomePage;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options about what a relay shows by HTTP besides DERP. */
final class WebOptions {
    /** Letters, digits and hyphens between dots, 253 characters at most (RFC 1035 section 2.3.1, and underscores). */
    private static final Pattern DNS_NAME =
            Pattern.compile("(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\\.?");

    @Option(
            names = "--home",
            paramLabel = "blank|URL|\"\"",
            defaultValue = "blank",
            description =
                    "What browsers see at /: an empty page, another one, or (\"\") a line that says what this is.")
    private String home = "blank";

    @Option(
            names = "--bootstrap-dns-names",
            paramLabel = "NAME,...",
            description = "Names whose addresses /bootstrap-dns tells clients that have no DNS. None: none.")
    private List<String> names = List.of();

    @Option(
            names = "--http-listen",
            paramLabel = "HOST:PORT",
            description = "TCP address for plain HTTP, best :80: captive-portal checks, ACME, and the way to TLS. None:"
                    + " not answered.")
    private @Nullable HostPort httpListen;

    /** Whether plain HTTP is answered. */
    boolean answersHttp() {
        return httpListen != null;
    }

    /** What they say as a whole; throws {@link UserError}. */
    RelayConfig.Web web(boolean plaintext) {
        if (plaintext && httpListen != null) {
            throw new UserError("--http-listen shows the way to TLS, and --plaintext has none: leave one out");
        }
        try {
            return new RelayConfig.Web(
                    HomePage.parse(home), names(), httpListen == null ? null : httpListen.listenAddress());
        } catch (IllegalArgumentException wrong) {
            throw new UserError("--home: " + wrong.getMessage(), wrong);
        }
    }

    private List<String> names() {
        List<String> all = names.stream()
                .flatMap(list -> Stream.of(list.split(",", -1)))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
        if (all.size() > BootstrapDns.MAX_NAMES) {
            throw new UserError("--bootstrap-dns-names has " + all.size() + " names; it may have "
                    + BootstrapDns.MAX_NAMES + ": leave some out");
        }
        for (String name : all) {
            if (!DNS_NAME.matcher(name).matches()) {
                throw new UserError("--bootstrap-dns-names: \"" + name + "\" is no DNS name: separate names by commas");
            }
        }
        return all;
    }
}
