package dev.warren.relay.lease;

import dev.warren.platform.coordination.CoordinatorHttp;
import dev.warren.platform.coordination.RefusedByCoordinator;
import dev.warren.platform.coordination.RetryDelay;
import dev.warren.protocol.coordination.CoordinationFormatException;
import dev.warren.protocol.coordination.JoinToken;
import dev.warren.protocol.coordination.LeaseAnswer;
import dev.warren.protocol.coordination.LeaseEndAnswer;
import dev.warren.protocol.coordination.LeaseEndRequest;
import dev.warren.protocol.coordination.LeaseRequest;
import dev.warren.protocol.coordination.Versions;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.key.IdentityPrivateKey;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a relay in a coordinator's map. Owns the thread {@code relay-lease}, which asks for the lease, renews it, and
 * gives it back at the end; whatever happens to the coordinator, the relay serves, and this goes on asking.
 */
public final class RelayLease implements AutoCloseable {
    /** A third of the coordinator's shortest usual lease: one that is back soon finds its relays soon. */
    static final long MAX_PAUSE_MILLIS = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(RelayLease.class);
    private static final String SOFTWARE = "warren relay";
    /** How long a stopping relay waits for the coordinator to hear of it. */
    private static final long GOODBYE_MILLIS = 2_000;

    private final IdentityPrivateKey identity;
    private final Relay relay;
    private final RetryDelay delay = new RetryDelay(new SecureRandom(), MAX_PAUSE_MILLIS); // lease thread
    private final AtomicInteger registered = new AtomicInteger();
    private final Counter done;
    private final Counter failed;
    private final Thread thread =
            Thread.ofPlatform().name("relay-lease").daemon().unstarted(this::run);
    private volatile JoinToken token;
    private volatile boolean stopping;
    private volatile @Nullable CoordinatorHttp http;
    private String trouble = ""; // lease thread; what was last wrong, so that it is logged once

    /**
     * The relay as this sees it.
     *
     * @param entry its place in a map, as it is now
     * @param capacity how many connections it takes at most; null = any number
     * @param granted is told each answer, on the lease thread
     */
    public record Relay(Supplier<DerpRegion> entry, @Nullable Integer capacity, Consumer<LeaseAnswer> granted) {}

    private RelayLease(IdentityPrivateKey identity, JoinToken token, Relay relay, MeterRegistry registry) {
        this.identity = identity;
        this.token = token;
        this.relay = relay;
        Gauge.builder("warren.relay.registered", registered, AtomicInteger::get)
                .description("1 while the coordinator has the relay in its map, as far as the last answer says, else 0")
                .register(registry);
        this.done = renewals(registry, "done");
        this.failed = renewals(registry, "failed");
    }

    /** Begins to ask the coordinator of {@code token}, and returns at once. */
    public static RelayLease start(IdentityPrivateKey identity, JoinToken token, Relay relay, MeterRegistry registry) {
        RelayLease lease = new RelayLease(identity, token, relay, registry);
        lease.thread.start();
        return lease;
    }

    /** From now on it is this token's coordinator, and its secret. */
    public void reload(JoinToken now) {
        if (!now.equals(token)) {
            token = now;
            thread.interrupt();
        }
    }

    /** Gives the lease back, as far as that can be done in two seconds, and ends. */
    @Override
    public void close() {
        stopping = true;
        thread.interrupt();
        try {
            thread.join(GOODBYE_MILLIS);
            CoordinatorHttp open = http;
            if (open != null) {
                open.close();
            }
            thread.join(GOODBYE_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static Counter renewals(MeterRegistry registry, String result) {
        return Counter.builder("warren.relay.lease.renewals")
                .description("Attempts to come into the coordinator's map or to stay there")
                .tag("result", result)
                .register(registry);
    }

    private void run() {
        while (!stopping) {
            JoinToken with = token;
            try (CoordinatorHttp opened = new CoordinatorHttp(with.mesh(), with.urls(), with.pins(), identity)) {
                http = opened;
                while (!stopping && with.equals(token)) {
                    Thread.sleep(renew(opened, with));
                }
                leave(opened);
            } catch (InterruptedException awake) {
                LOG.debug("woken up"); // by close() or reload()
                if (stopping) {
                    sayGoodbye(with);
                }
            }
        }
    }

    /** Asks once; gives the time until the next try, in milliseconds. */
    private long renew(CoordinatorHttp opened, JoinToken with) throws InterruptedException {
        try {
            DerpRegion entry = relay.entry().get();
            LeaseAnswer answer = opened.post(
                    "/v1/lease",
                    new LeaseRequest(
                            Versions.CURRENT, DerpMap.of(List.of(entry)), SOFTWARE, relay.capacity(), with.secret()),
                    LeaseAnswer.class);
            if (!answer.mesh().equals(with.mesh())) {
                throw new IOException("the coordinator answers for another mesh than the token's: get a new token");
            }
            granted(answer, opened);
            return answer.renewMillis();
        } catch (IOException | CoordinationFormatException failure) {
            failed.increment();
            registered.set(0);
            String sentence = String.valueOf(failure.getMessage());
            if (!sentence.equals(trouble)) {
                trouble = sentence;
                LOG.warn("not in the coordinator's map{}: {}", whatNow(failure), sentence);
            }
            return delay.nextMillis();
        }
    }

    private void granted(LeaseAnswer answer, CoordinatorHttp opened) {
        delay.succeeded();
        done.increment();
        if (registered.getAndSet(1) == 0) {
            trouble = "";
            LOG.info("in the map of the coordinator at {} as {}", opened.url(), answer.name());
        }
        relay.granted().accept(answer);
    }

    private static String whatNow(Exception failure) {
        return failure instanceof RefusedByCoordinator ? "" : ", serving all the same and trying again";
    }

    /** On a connection of its own: the one before may have been interrupted in the middle of a request. */
    private void sayGoodbye(JoinToken with) {
        try (CoordinatorHttp opened = new CoordinatorHttp(with.mesh(), with.urls(), with.pins(), identity)) {
            http = opened;
            leave(opened);
        } catch (InterruptedException impatient) {
            LOG.debug("stopped without a word to the coordinator");
        }
    }

    private void leave(CoordinatorHttp opened) throws InterruptedException {
        if (registered.get() == 0) {
            return;
        }
        try {
            opened.post("/v1/lease/end", new LeaseEndRequest("it stops"), LeaseEndAnswer.class);
            registered.set(0);
        } catch (IOException | CoordinationFormatException unheard) {
            LOG.info("the coordinator was not told that this relay stops: {}", unheard.getMessage());
        }
    }
}
