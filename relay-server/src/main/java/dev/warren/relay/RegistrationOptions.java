package dev.warren.relay;

import dev.warren.platform.config.SecretFile;
import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.coordination.CoordinationFormatException;
import dev.warren.protocol.coordination.JoinToken;
import dev.warren.protocol.coordination.LeaseRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options about the relay's place in a map, and about the coordinator that keeps the map. */
final class RegistrationOptions {
    private static final int MAX_PORT = 65_535;
    /** Near enough: what is left is the resolver's word when a client dials it. */
    private static final Pattern LITERAL =
            Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    @Option(
            names = "--coordinator-token-file",
            paramLabel = "FILE",
            description = "Registers with the coordinator that made the token in FILE (warren coordinator token create"
                    + " --relay): it puts the relay into its map, gives it the region's mesh key and the region's other"
                    + " relays, and is asked about clients unless --verify-url or --allow-list says otherwise.")
    private @Nullable Path tokenFile;

    @Option(
            names = "--region-code",
            paramLabel = "CODE",
            description = "The region's short name in maps, such as fra. Default: r and the number.")
    private @Nullable String code;

    @Option(names = "--region-name", paramLabel = "NAME", description = "The region's name for people.")
    private @Nullable String name;

    @Option(
            names = "--map-address",
            paramLabel = "IP,...",
            description = "What clients dial in place of --hostname's addresses: an IPv4 address, an IPv6 address, or"
                    + " both.")
    private List<String> addresses = List.of();

    @Option(
            names = "--map-stun-port",
            paramLabel = "PORT",
            description = "UDP port of a STUN server on the same host, for maps. None: there is none.")
    private @Nullable Integer stunPort;

    /** Where the relay is; throws {@link UserError}. */
    RelayConfig.Place place(String hostName, int region) {
        String code = this.code == null ? "r" + region : this.code;
        try {
            LeaseRequest.checkRegion(region, code);
        } catch (CoordinationFormatException wrong) {
            throw new UserError("--region or --region-code: " + wrong.getMessage(), wrong);
        }
        if (stunPort != null && (stunPort < 1 || stunPort > MAX_PORT)) {
            throw new UserError("--map-stun-port " + stunPort + " is no port: give 1 to " + MAX_PORT);
        }
        RelayConfig.Place place = new RelayConfig.Place(hostName, region).called(code, name == null ? code : name);
        return place.with(addresses(), stunPort);
    }

    /** How the relay registers, null when it does not; throws {@link UserError}. */
    RelayConfig.@Nullable Registration registration(boolean hasName) {
        if (tokenFile == null) {
            return null;
        }
        if (!hasName) {
            throw new UserError("--coordinator-token-file needs --hostname: the name or address that the coordinator"
                    + " puts into its map");
        }
        try {
            String text = SecretFile.readGuarded(tokenFile);
            if (text == null) {
                throw new UserError("--coordinator-token-file " + tokenFile + " does not exist: put a token there, made"
                        + " by \"warren coordinator token create --relay\", with mode 0600");
            }
            return new RelayConfig.Registration(tokenFile, JoinToken.decode(text));
        } catch (CoordinationFormatException wrong) {
            throw new UserError("--coordinator-token-file " + tokenFile + ": " + wrong.getMessage(), wrong);
        } catch (IOException unreadable) {
            throw new UserError(
                    "--coordinator-token-file cannot be read: " + Sentences.describe(unreadable), unreadable);
        }
    }

    private List<String> addresses() {
        List<String> all = addresses.stream()
                .flatMap(list -> Stream.of(list.split(",", -1)))
                .map(String::strip)
                .filter(address -> !address.isEmpty())
                .toList();
        for (String address : all) {
            if (!LITERAL.matcher(address).matches()) {
                throw new UserError("--map-address: \"" + address + "\" is no IP address: give one without brackets");
            }
        }
        long v6 = all.stream().filter(address -> address.indexOf(':') >= 0).count();
        if (v6 > 1 || all.size() - v6 > 1) {
            throw new UserError("--map-address " + String.join(",", all)
                    + " has two addresses of one kind: a map has one IPv4 and one IPv6 address for a relay");
        }
        return all;
    }
}
