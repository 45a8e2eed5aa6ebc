package dev.warren.relay;

import dev.warren.platform.config.Durations;
import dev.warren.platform.config.UserError;
import dev.warren.platform.tls.Pin;
import dev.warren.protocol.coordination.JoinToken;
import dev.warren.relay.admission.AdmissionConfig;
import dev.warren.relay.admission.AdmissionConfig.Memory;
import dev.warren.relay.admission.AdmissionConfig.Recheck;
import dev.warren.relay.admission.AdmissionConfig.Verify;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options about who may use the relay. */
final class AdmissionOptions {
    /** Where a coordinator answers derper's question. */
    private static final String VERIFY_PATH = "/v1/verify";

    @Option(
            names = "--deny-list",
            paramLabel = "FILE",
            description = "Keys that are never let in: one nodekey:... a line, # before comments.")
    private @Nullable Path denyList;

    @Option(
            names = "--allow-list",
            paramLabel = "FILE",
            description = "Keys that are let in without asking; nobody else is when there is no --verify-url.")
    private @Nullable Path allowList;

    @Option(
            names = "--verify-url",
            paramLabel = "URL",
            description = "Asked about each client that no list knows (derper's form). Neither this nor --allow-list:"
                    + " everybody is let in.")
    private @Nullable URI verifyUrl;

    @Option(
            names = "--admit-all",
            description = "Everybody is let in whom --deny-list does not name, though --coordinator-token-file names"
                    + " somebody to ask.")
    private boolean admitAll;

    @Option(
            names = "--verify-pin",
            paramLabel = "PIN",
            description = "sha256-raw:HEX of the only certificate to trust at --verify-url.")
    private @Nullable String verifyPin;

    @Option(
            names = "--verify-fail-open",
            description = "Let clients in while --verify-url cannot be reached. Without: nobody new is let in then.")
    private boolean verifyFailOpen;

    @Option(
            names = "--verify-memory",
            paramLabel = "TIME",
            defaultValue = "60s",
            description = "How long a yes of --verify-url counts for further logins. 0s: each login is asked about.")
    private Duration verifyMemory = Memory.STANDARD.yes();

    @Option(
            names = "--verify-memory-no",
            paramLabel = "TIME",
            defaultValue = "3s",
            description = "How long a no of --verify-url counts. 0s: each login is asked about.")
    private Duration verifyMemoryNo = Memory.STANDARD.no();

    @Option(
            names = "--recheck",
            paramLabel = "TIME",
            defaultValue = "60s",
            description = "How often clients that are connected are looked at again, and cut off when they would not be"
                    + " let in. 0s: at a reload only.")
    private Duration recheck = Recheck.STANDARD.interval();

    @Option(
            names = "--recheck-grace",
            paramLabel = "TIME",
            defaultValue = "1d",
            description = "How long a client stays connected that --verify-url gives no answer about.")
    private Duration recheckGrace = Recheck.STANDARD.grace();

    /**
     * What they say as a whole; throws {@link UserError}.
     *
     * @param token of a coordinator, which decides when nobody else is named; null for none
     */
    AdmissionConfig admission(@Nullable JoinToken token) {
        if (admitAll && (verifyUrl != null || allowList != null)) {
            throw new UserError(
                    "--admit-all lets everybody in, and --verify-url or --allow-list does not: leave one out");
        }
        JoinToken asked = allowList == null && !admitAll ? token : null;
        return new AdmissionConfig(denyList, allowList, verify(asked), new Recheck(recheck, recheckGrace));
    }

    private @Nullable Verify verify(@Nullable JoinToken token) {
        if (verifyUrl == null && verifyPin != null) {
            throw new UserError("--verify-pin is about --verify-url: give that too, or leave it out");
        }
        if (verifyUrl != null) {
            String scheme = verifyUrl.getScheme();
            if (verifyUrl.getHost() == null || !("https".equals(scheme) || "http".equals(scheme))) {
                throw new UserError(
                        "--verify-url " + verifyUrl + " must start with https:// (or http://) and have a host");
            }
            return verify(verifyUrl, verifyPin);
        }
        if (token != null) {
            String pin = token.pins().isEmpty() ? null : token.pins().getFirst();
            return verify(token.urls().getFirst().resolve(VERIFY_PATH), pin);
        }
        if (verifyFailOpen) {
            throw new UserError("--verify-fail-open is about --verify-url: give that too, or leave it out");
        }
        return null;
    }

    private Verify verify(URI url, @Nullable String pin) {
        if (verifyMemory.compareTo(verifyMemoryNo) < 0) {
            throw new UserError("--verify-memory " + Durations.format(verifyMemory) + " is shorter than"
                    + " --verify-memory-no " + Durations.format(verifyMemoryNo)
                    + ": who is refused would wait longer than who is let in");
        }
        try {
            return new Verify(
                    url, pin == null ? null : Pin.parse(pin), verifyFailOpen, new Memory(verifyMemory, verifyMemoryNo));
        } catch (IllegalArgumentException noPin) {
            throw new UserError("--verify-pin: " + noPin.getMessage(), noPin);
        }
    }
}
