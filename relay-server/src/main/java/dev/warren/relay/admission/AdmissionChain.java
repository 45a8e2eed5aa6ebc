package dev.warren.relay.admission;

import dev.warren.protocol.key.NodePublicKey;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first one that knows a client decides: the deny list, the allow list, the verify URL. Any thread may ask, and
 * another may reload meanwhile: an answer that comes after a reload is not taken, the new rules decide.
 */
public final class AdmissionChain implements Admission {
    private static final Logger LOG = LoggerFactory.getLogger(AdmissionChain.class);

    /**
     * What is in force.
     *
     * @param allowed null when there is no allow list
     * @param asked null when there is no verify URL
     */
    private record Rules(
            Set<NodePublicKey> denied,
            @Nullable Set<NodePublicKey> allowed,
            AdmissionConfig.@Nullable Verify verify,
            @Nullable RememberedAdmission asked) {
        /** The verdict that needs nobody to be asked, or null. */
        @Nullable
        Verdict listed(NodePublicKey client) {
            if (denied.contains(client)) {
                return Verdict.DENY_LISTED;
            }
            if (allowed != null && allowed.contains(client)) {
                return Verdict.ALLOWED;
            }
            if (asked != null) {
                return null;
            }
            return allowed == null ? Verdict.ALLOWED : Verdict.NOT_LISTED;
        }

        Verdict opened(Verdict answer) {
            boolean open = answer == Verdict.UNREACHABLE && verify != null && verify.failOpen();
            return open ? Verdict.FAILED_OPEN : answer;
        }
    }

    private final MeterRegistry registry;
    private volatile Rules rules;

    private AdmissionChain(MeterRegistry registry, Rules rules) {
        this.registry = registry;
        this.rules = rules;
    }

    /** Reads the lists of {@code config}. Throws {@link dev.warren.platform.config.UserError} or IOException. */
    public static AdmissionChain load(AdmissionConfig config, MeterRegistry registry) throws IOException {
        return new AdmissionChain(registry, rules(config, asked(config.verify(), registry)));
    }

    /**
     * Follows {@code next} and the lists that it names, read again; remembered answers are forgotten. Throws {@link
     * dev.warren.platform.config.UserError} or IOException when a list cannot be used, and keeps all that is in force.
     */
    public synchronized void reload(AdmissionConfig next) throws IOException {
        Rules before = rules;
        boolean same = before.verify() == null
                ? next.verify() == null
                : before.verify().equals(next.verify());
        Rules after = rules(next, same ? before.asked() : null);
        if (!same) {
            after = new Rules(after.denied(), after.allowed(), next.verify(), asked(next.verify(), registry));
        }
        rules = after;
        if (before.asked() != null) {
            if (same) {
                before.asked().forget();
            } else {
                before.asked().close();
            }
        }
        if (!after.denied().equals(before.denied()) || !java.util.Objects.equals(after.allowed(), before.allowed())) {
            LOG.info(
                    "the deny list has {} keys, the allow list {}",
                    after.denied().size(),
                    size(after.allowed()));
        }
    }

    @Override
    public CompletableFuture<Verdict> admit(NodePublicKey client, InetAddress source) {
        return decide(client, source, false);
    }

    @Override
    public CompletableFuture<Verdict> confirm(NodePublicKey client, InetAddress source) {
        return decide(client, source, true);
    }

    @Override
    public boolean isDenied(NodePublicKey client) {
        Verdict listed = rules.listed(client);
        return listed != null && !listed.letsIn();
    }

    @Override
    public synchronized void close() {
        RememberedAdmission asked = rules.asked();
        if (asked != null) {
            asked.close();
        }
    }

    private CompletableFuture<Verdict> decide(NodePublicKey client, InetAddress source, boolean anew) {
        Rules now = rules;
        Verdict listed = now.listed(client);
        RememberedAdmission asked = now.asked();
        if (listed != null || asked == null) {
            return CompletableFuture.completedFuture(listed == null ? Verdict.NOT_LISTED : listed);
        }
        CompletableFuture<Verdict> answer = anew ? asked.confirm(client, source) : asked.admit(client, source);
        return answer.thenCompose(verdict -> now.equals(rules)
                ? CompletableFuture.completedFuture(now.opened(verdict))
                : decide(client, source, anew));
    }

    private static Rules rules(AdmissionConfig config, @Nullable RememberedAdmission asked) throws IOException {
        Path deny = config.denyList();
        Path allow = config.allowList();
        return new Rules(
                deny == null ? Set.of() : KeyList.read(deny),
                allow == null ? null : KeyList.read(allow),
                config.verify(),
                asked);
    }

    private static @Nullable RememberedAdmission asked(
            AdmissionConfig.@Nullable Verify verify, MeterRegistry registry) {
        return verify == null
                ? null
                : new RememberedAdmission(
                        new UrlAdmission(verify.url(), verify.pin()), verify.memory(), System::nanoTime, registry);
    }

    private static String size(@Nullable Set<NodePublicKey> keys) {
        return keys == null ? "does not exist" : Integer.toString(keys.size());
    }
}
