package dev.warren.relay;

import dev.warren.platform.acme.AcmeConfig;
import dev.warren.platform.config.UserError;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options about a certificate from an authority. */
final class AcmeOptions {
    @Option(
            names = "--acme",
            paramLabel = "URL",
            description = "ACME directory of the authority that the certificate for --hostname comes from, such as"
                    + " https://acme-v02.api.letsencrypt.org/directory, whose terms you accept by this. It asks on port"
                    + " 80: give --http-listen :80, or lead that port there.")
    private @Nullable URI acme;

    @Option(names = "--acme-email", paramLabel = "ADDRESS", description = "Whom the authority may write to.")
    private @Nullable String email;

    @Option(
            names = "--acme-profile",
            paramLabel = "NAME",
            description = "Which of the authority's profiles to ask for. None: its default. Let's Encrypt gives IP"
                    + " addresses certificates of its profile shortlived only.")
    private @Nullable String profile;

    @Option(
            names = "--acme-ca",
            paramLabel = "FILE",
            description = "PEM certificates to trust at --acme. None: the machine's authorities.")
    private @Nullable Path authority;

    @Option(
            names = "--acme-dir",
            paramLabel = "DIR",
            description = "Where account and certificate are kept. None: beside --node-key, its name with .acme.")
    private @Nullable Path folder;

    boolean isGiven() {
        return acme != null;
    }

    /** What they say as a whole, null for no authority; throws {@link UserError}. */
    @Nullable
    AcmeConfig acme(@Nullable String hostName, Path nodeKey, boolean answersHttp) {
        if (acme == null) {
            if (email != null || profile != null || authority != null || folder != null) {
                throw new UserError("--acme-email, --acme-profile, --acme-ca and --acme-dir are about --acme: give that"
                        + " too, or leave them out");
            }
            return null;
        }
        if (acme.getHost() == null || !"https".equals(acme.getScheme())) {
            throw new UserError("--acme " + acme + " must start with https:// and have a host");
        }
        if (hostName == null) {
            throw new UserError("--acme needs --hostname: the name or address that the certificate shall be for");
        }
        if (!answersHttp) {
            throw new UserError(
                    "--acme needs --http-listen, best :80: the authority asks there whether the name is yours");
        }
        Path kept = folder == null ? nodeKey.resolveSibling(nodeKey.getFileName() + ".acme") : folder;
        return new AcmeConfig(acme, authority, email, profile, hostName, kept);
    }
}
