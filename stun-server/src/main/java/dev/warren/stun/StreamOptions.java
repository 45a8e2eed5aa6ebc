package dev.warren.stun;

import dev.warren.platform.config.HostPort;
import dev.warren.platform.config.UserError;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code warren stun}'s options for TCP and TLS. */
final class StreamOptions {
    @Option(
            names = "--tcp-listen",
            paramLabel = "HOST:PORT",
            description = "TCP address, mostly the one of --listen; may be repeated. Without a host: all addresses.")
    private List<HostPort> tcpListen = List.of();

    @Option(
            names = "--tls-listen",
            paramLabel = "HOST:PORT",
            description = "TCP address for TLS, mostly with port 5349; may be repeated. Needs --tls-cert, --tls-key.")
    private List<HostPort> tlsListen = List.of();

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "PEM certificate chain of --tls-listen.")
    private @Nullable Path tlsCert;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "PEM private key of --tls-cert.")
    private @Nullable Path tlsKey;

    /** What was asked for; throws {@link UserError} when it does not go together. */
    StunStreamConfig config() {
        if ((tlsCert == null) != (tlsKey == null)) {
            throw new UserError("--tls-cert and --tls-key belong together: give both");
        }
        if (tlsListen.isEmpty() != (tlsCert == null)) {
            throw new UserError(
                    tlsCert == null
                            ? "--tls-listen needs a certificate: give --tls-cert and --tls-key"
                            : "--tls-cert and --tls-key say nothing without --tls-listen");
        }
        return new StunStreamConfig(
                tcpListen.stream().map(HostPort::listenAddress).toList(),
                tlsListen.stream().map(HostPort::listenAddress).toList(),
                tlsCert,
                tlsKey,
                StunStreamLimits.DEFAULT);
    }
}
