package dev.warren.node.control;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.warren.protocol.key.NodePrivateKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection of the UAPI: requests one behind the other, each ended by an empty line. */
final class UapiConnection {
    /**
     * Lines that are checked as a whole before the first of them counts. What is longer comes in parts, so that no request takes
     * more memory than these: 5 MB, at 150 bytes for an allowed_ip.
     */
    static final int LINES_AT_ONCE = 1 << 15;

    /** At 0.1 to 0.4 ms for the key agreement of each, this takes 10 to 50 ms. */
    private static final int PEERS_AT_ONCE = 128;

    /** At about a microsecond for each, this takes a few milliseconds. */
    private static final int ALLOWED_IPS_AT_ONCE = 4096;

    private static final long TIMEOUT_SECONDS = 10;
    private static final Logger LOG = LoggerFactory.getLogger(UapiConnection.class);

    /** Something that the target's thread does. */
    @FunctionalInterface
    private interface Change {
        void make() throws UapiException;
    }

    private final UapiTarget target;
    private final Executor executor;
    private final UapiLines lines;
    private final OutputStream out;

    UapiConnection(UapiTarget target, Executor executor, InputStream in, OutputStream out) {
        this.target = target;
        this.executor = executor;
        this.lines = new UapiLines(in);
        this.out = out;
    }

    /** Answers until the other side closes, or until a request that nobody understands. */
    void serve() throws IOException {
        try {
            for (String line = lines.next(); line != null; line = lines.next()) {
                switch (line) {
                    case "get=1" -> write(get());
                    case "set=1" -> write(set());
                    case "" -> LOG.trace("an empty UAPI request");
                    default -> throw new UapiException(UapiErrno.EINVAL, "a request is get=1 or set=1");
                }
            }
        } catch (UapiException notARequest) {
            write(UapiText.end(refusal(notARequest), false));
        }
    }

    private String get() throws IOException {
        if (skipToEnd()) {
            return UapiText.end(UapiErrno.EINVAL, true);
        }
        try {
            UapiDeviceView view = CompletableFuture.supplyAsync(target::view, executor)
                    .orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                    .join();
            NodePrivateKey key = view.privateKey();
            String text = UapiText.view(view);
            if (key != null) {
                key.close();
            }
            return text + UapiText.end(UapiErrno.OK, true);
        } catch (CompletionException | RejectedExecutionException failed) {
            LOG.debug("a UAPI get failed: {}", failed.getMessage());
            return UapiText.end(UapiErrno.EIO, true);
        }
    }

    private String set() throws IOException {
        try (UapiSetBuilder set = new UapiSetBuilder()) {
            return UapiText.end(set(set), false);
        }
    }

    /** Reads a request to its end, and applies what comes before the first thing that is wrong with it. */
    private UapiErrno set(UapiSetBuilder set) throws IOException {
        UapiSetParser parser = new UapiSetParser(set);
        try {
            int count = 0;
            for (String line = lines.next(); line != null && !line.isEmpty(); line = lines.next()) {
                parser.accept(line);
                UapiErrno errno = ++count % LINES_AT_ONCE == 0 ? apply(set.take()) : UapiErrno.OK;
                if (errno != UapiErrno.OK) {
                    skipToEnd();
                    return errno;
                }
            }
            return apply(set.take());
        } catch (UapiException wrong) {
            UapiErrno errno = apply(set.take());
            skipToEnd();
            return errno == UapiErrno.OK ? refusal(wrong) : errno;
        }
    }

    /** Part by part, so that a request with thousands of peers does not hold up the packets. */
    UapiErrno apply(UapiSet set) {
        UapiErrno errno = ask(() -> target.check(set), () -> {});
        for (UapiSet part : set.parts(PEERS_AT_ONCE, ALLOWED_IPS_AT_ONCE)) {
            if (errno == UapiErrno.OK) {
                errno = ask(() -> applyNow(part), part::wipe);
            } else {
                part.wipe();
            }
        }
        return errno;
    }

    /** Has the target's thread do something; {@code neverMade} runs when that takes no more work. */
    private UapiErrno ask(Change change, Runnable neverMade) {
        try {
            return CompletableFuture.supplyAsync(() -> errno(change), executor)
                    .orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                    .join();
        } catch (RejectedExecutionException ended) {
            LOG.debug("a UAPI set failed: {}", ended.getMessage());
            neverMade.run();
            return UapiErrno.EIO;
        } catch (CompletionException failed) {
            LOG.debug("a UAPI set failed: {}", failed.getMessage());
            return UapiErrno.EIO;
        }
    }

    private void applyNow(UapiSet set) throws UapiException {
        try {
            target.apply(set);
        } finally {
            set.wipe();
        }
    }

    private static UapiErrno errno(Change change) {
        try {
            change.make();
            return UapiErrno.OK;
        } catch (UapiException refused) {
            return refusal(refused);
        }
    }

    private static UapiErrno refusal(UapiException refused) {
        LOG.debug("a UAPI set is refused: {}", refused.getMessage());
        return refused.errno();
    }

    /** Reads to the end of a request; whether there was anything in it. */
    private boolean skipToEnd() throws IOException {
        boolean any = false;
        boolean more = true;
        while (more) {
            try {
                String line = lines.next();
                more = line != null && !line.isEmpty();
            } catch (UapiException alsoSkipped) {
                more = true;
            }
            any = any || more;
        }
        return any;
    }

    private void write(String answer) throws IOException {
        out.write(answer.getBytes(US_ASCII));
        out.flush();
    }
}
