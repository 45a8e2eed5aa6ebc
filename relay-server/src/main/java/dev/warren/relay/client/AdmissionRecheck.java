package dev.warren.relay.client;

import dev.warren.protocol.derp.Frame;
import dev.warren.relay.admission.Admission;
import dev.warren.relay.admission.Admission.Verdict;
import dev.warren.relay.admission.AdmissionConfig.Recheck;
import dev.warren.relay.client.RelayMetrics.End;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks again, from time to time and when it is told to, at every client that is connected, and ends the connections of
 * those that would not be let in any more. Whom nobody can be asked about stays for a grace time after the last clear
 * yes. One thread of its own, which ends with it.
 */
public final class AdmissionRecheck implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdmissionRecheck.class);
    /** Few, so that logins find room beside them. */
    private static final int MAX_ASKED = 8;

    private final BlockingQueue<Boolean> requests = new ArrayBlockingQueue<>(1);
    private final Semaphore room = new Semaphore(MAX_ASKED);
    private final Map<Verdict, Counter> revocations = new EnumMap<>(Verdict.class);
    private final Admission admission;
    private final ClientRegistry clients;
    private final Thread thread;
    private volatile Recheck settings;

    private AdmissionRecheck(Admission admission, ClientRegistry clients, Recheck settings, MeterRegistry registry) {
        this.admission = admission;
        this.clients = clients;
        this.settings = settings;
        this.thread = Thread.ofPlatform().name("recheck").daemon().unstarted(this::run);
        for (Verdict verdict : Verdict.values()) {
            if (!verdict.letsIn()) {
                revocations.put(
                        verdict,
                        Counter.builder("warren.relay.revocations")
                                .description("Connections that were ended since their client is not let in any more")
                                .tag("verdict", verdict.name().toLowerCase(Locale.ROOT))
                                .register(registry));
            }
        }
    }

    /** Starts looking at {@code clients}. */
    public static AdmissionRecheck start(
            Admission admission, ClientRegistry clients, Recheck settings, MeterRegistry registry) {
        AdmissionRecheck recheck = new AdmissionRecheck(admission, clients, settings, registry);
        recheck.thread.start();
        return recheck;
    }

    /** Looks at once, and from then on as {@code next} says. Does not wait for it. */
    public void reload(Recheck next) {
        settings = next;
        var _ = requests.offer(true);
    }

    private void run() {
        try {
            while (true) {
                Duration interval = settings.interval();
                if (interval.isZero()) {
                    requests.take();
                } else {
                    requests.poll(interval.toMillis(), TimeUnit.MILLISECONDS);
                }
                look();
            }
        } catch (InterruptedException ended) {
            LOG.debug("ended");
        }
    }

    private void look() throws InterruptedException {
        for (ClientConnection connection : clients.connections()) {
            Frame.PeerPresent client = connection.presence();
            if (connection.isMeshPeer()) {
                // Let in for the mesh key that it knows; nobody is asked about it.
                continue;
            }
            room.acquire();
            var _ = admission
                    .confirm(
                            client.key(),
                            Objects.requireNonNull(client.address()).getAddress())
                    .thenAccept(verdict -> {
                        room.release();
                        apply(connection, verdict);
                    });
        }
        // The answers are all there when this has everything.
        room.acquire(MAX_ASKED);
        room.release(MAX_ASKED);
    }

    private void apply(ClientConnection connection, Verdict verdict) {
        long now = System.nanoTime();
        if (verdict.letsIn()) {
            connection.confirmed(now);
        } else if (!verdict.isUncertain()
                || connection.unconfirmedNanos(now) > settings.grace().toNanos()) {
            revoke(connection, verdict);
        }
    }

    private void revoke(ClientConnection connection, Verdict verdict) {
        Frame.PeerPresent client = connection.presence();
        new ClientLog(LOG).decided(client, "is cut off", verdict);
        Objects.requireNonNull(revocations.get(verdict)).increment();
        connection.end(End.REVOKED);
    }

    /** Ends the thread; returns when it has. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
    }
}
