package dev.warren.platform.acme;

import dev.warren.platform.config.Durations;
import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.UserError;
import dev.warren.platform.tls.SelfSignedCertificate;
import dev.warren.platform.tls.ServerCredentials;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeNetworkException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that there is a certificate, from the first order to the last renewal, on one thread that ends with it. When
 * an order fails it tries again, later each time; the certificate that there is stays in use.
 */
public final class AcmeRenewal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AcmeRenewal.class);
    /** The clock may be set, and the machine may sleep: so the time is looked at this often. */
    private static final Duration LOOK = Duration.ofHours(1);
    /** Some requests, and up to two minutes three times. A server that leaves an answer half said holds no order for ever. */
    private static final Duration MOST = Duration.ofMinutes(15);

    private final AcmeConfig config;
    private final AcmeOrders orders;
    private final Runnable renewed;
    private final Counter done;
    private final Counter failed;
    private final SecureRandom random = new SecureRandom();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Duration most;
    private final Thread thread;

    private AcmeRenewal(
            AcmeConfig config, HttpChallenges challenges, MeterRegistry registry, Runnable renewed, Duration most) {
        this.config = config;
        this.most = most;
        this.orders = new AcmeOrders(config, challenges);
        this.renewed = renewed;
        this.done = counter(registry, "done");
        this.failed = counter(registry, "failed");
        this.thread = Thread.ofPlatform().name("acme").daemon().unstarted(this::run);
    }

    /**
     * Starts. Whoever answers for {@code challenges} must do so from now on; {@code renewed} runs on this thread when new
     * files are in the folder.
     */
    public static AcmeRenewal start(
            AcmeConfig config, HttpChallenges challenges, MeterRegistry registry, Runnable renewed) {
        return start(config, challenges, registry, renewed, MOST);
    }

    static AcmeRenewal start(
            AcmeConfig config, HttpChallenges challenges, MeterRegistry registry, Runnable renewed, Duration most) {
        AcmeRenewal renewal = new AcmeRenewal(config, challenges, registry, renewed, most);
        renewal.thread.start();
        return renewal;
    }

    /** What is in the folder; empty when that is nothing that can be used, or is for another name. */
    public static Optional<ServerCredentials> stored(AcmeConfig config) {
        try {
            return Files.exists(config.certificateFile())
                    ? Optional.of(ServerCredentials.load(config.certificateFile(), config.keyFile()))
                            .filter(credentials -> credentials.covers(config.hostName()))
                    : Optional.empty();
        } catch (IOException | UserError broken) {
            LOG.warn("a new certificate is ordered, since {}", Sentences.describe(broken));
            return Optional.empty();
        }
    }

    private void run() {
        int failures = 0;
        Instant due = stored(config)
                .map(there -> RenewalPlan.due(there.certificate()))
                .orElse(Instant.MIN);
        try {
            while (!waited(due)) {
                try {
                    due = order();
                    failures = 0;
                } catch (AcmeException | IOException | RuntimeException failure) {
                    // The library throws unchecked ones too, for answers that it did not expect.
                    failures++;
                    Duration wait = RenewalPlan.retry(failures, random);
                    due = Instant.now().plus(wait);
                    failed.increment();
                    LOG.error(
                            "no certificate for {} from {}: {}; the next attempt is in {}",
                            config.hostName(),
                            config.directory(),
                            sentence(failure),
                            Durations.format(Duration.ofSeconds(wait.toSeconds())));
                }
            }
        } catch (InterruptedException ended) {
            LOG.debug("ended");
        }
    }

    /** Waits until {@code due}; true when it is closed before. */
    private boolean waited(Instant due) throws InterruptedException {
        for (Instant now = Instant.now(); now.isBefore(due); now = Instant.now()) {
            long millis = Math.min(Duration.between(now, due).toMillis() + 1, LOOK.toMillis());
            if (closed.await(millis, TimeUnit.MILLISECONDS)) {
                return true;
            }
        }
        return closed.getCount() == 0;
    }

    /** Orders, and says when the next one is due. */
    private Instant order() throws AcmeException, IOException, InterruptedException {
        Files.createDirectories(
                config.folder().toAbsolutePath(),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        ServerCredentials obtained = obtain();
        SelfSignedCertificate.write(obtained, config.certificateFile(), config.keyFile());
        Instant due = RenewalPlan.due(obtained.certificate());
        LOG.info(
                "a certificate for {} until {}, to be renewed at {}",
                config.hostName(),
                obtained.certificate().getNotAfter().toInstant(),
                due);
        renewed.run();
        done.increment();
        return due;
    }

    /** On a thread of its own, which is interrupted when it takes too long. */
    private ServerCredentials obtain() throws AcmeException, IOException, InterruptedException {
        FutureTask<ServerCredentials> order = new FutureTask<>(orders::obtain);
        Thread.ofVirtual().name("acme-order").start(order);
        try {
            return order.get(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new AcmeException("there was no end to it after " + Durations.format(most), late);
        } catch (ExecutionException failure) {
            switch (failure.getCause()) {
                case AcmeException refused -> throw refused;
                case IOException unreachable -> throw unreachable;
                case RuntimeException unexpected -> throw unexpected;
                case null, default -> throw new IOException(failure);
            }
        } finally {
            order.cancel(true);
        }
    }

    static String sentence(Exception failure) {
        if (failure instanceof AcmeNetworkException && failure.getCause() != null) {
            // Its own message is that there was a network error.
            return Sentences.describe(failure.getCause());
        }
        return failure instanceof AcmeException refused && refused.getMessage() != null
                ? refused.getMessage()
                : Sentences.describe(failure);
    }

    private static Counter counter(MeterRegistry registry, String result) {
        return Counter.builder("warren.acme.orders")
                .description("Certificates that were ordered by ACME, by result")
                .tag("result", result)
                .register(registry);
    }

    /** Ends the thread, in the middle of an order if need be; returns when it has ended. */
    @Override
    public void close() {
        closed.countDown();
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
    }
}
