package dev.warren.node.control;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.warren.protocol.key.NodePrivateKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection of the UAPI: requests one behind the other, each ended by an empty line. */
final class UapiConnection {
    /** The longest line is an allowed_ip or a key; this is far beyond both. */
    private static final int MAX_LINE_BYTES = 4096;
    /** Two million lines hold every configuration that was ever seen, ten times over. */
    private static final int MAX_LINES = 2_000_000;

    /** At 0.1 to 0.4 ms for the key agreement of each, this takes 10 to 50 ms. */
    private static final int PEERS_AT_ONCE = 128;

    private static final long TIMEOUT_SECONDS = 10;
    private static final Logger LOG = LoggerFactory.getLogger(UapiConnection.class);

    /** Something that the target's thread does. */
    @FunctionalInterface
    private interface Change {
        void make() throws UapiException;
    }

    private final UapiTarget target;
    private final Executor executor;
    private final InputStream in;
    private final OutputStream out;

    UapiConnection(UapiTarget target, Executor executor, InputStream in, OutputStream out) {
        this.target = target;
        this.executor = executor;
        this.in = in;
        this.out = out;
    }

    /** Answers until the other side closes, or until a request that nobody understands. */
    void serve() throws IOException {
        for (String line = readLine(); line != null; line = readLine()) {
            switch (line) {
                case "get=1" -> {
                    skipToEnd();
                    write(get());
                }
                case "set=1" -> write(set());
                case "" -> LOG.trace("an empty UAPI request");
                default -> {
                    write(UapiText.end(UapiErrno.EINVAL, false));
                    return;
                }
            }
        }
    }

    private String get() {
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
        UapiSetParser parser = new UapiSetParser();
        UapiException error = null;
        int lines = 0;
        for (String line = readLine(); line != null && !line.isEmpty(); line = readLine()) {
            if (++lines > MAX_LINES) {
                throw new IOException("a UAPI request has more than " + MAX_LINES + " lines");
            }
            try {
                if (error == null) {
                    parser.accept(line);
                }
            } catch (UapiException first) {
                error = first;
            }
        }
        return UapiText.end(error == null ? apply(parser.finish()) : refusal(error), false);
    }

    /** Part by part, so that a request with thousands of peers does not hold up the packets. */
    private UapiErrno apply(UapiSet set) {
        UapiErrno errno = ask(() -> target.check(set));
        for (UapiSet part : set.parts(PEERS_AT_ONCE)) {
            if (errno == UapiErrno.OK) {
                errno = ask(() -> applyNow(part));
            } else {
                wipe(part);
            }
        }
        return errno;
    }

    /** Has the target's thread do something. */
    private UapiErrno ask(Change change) {
        try {
            return CompletableFuture.supplyAsync(() -> errno(change), executor)
                    .orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException | RejectedExecutionException failed) {
            LOG.debug("a UAPI set failed: {}", failed.getMessage());
            return UapiErrno.EIO;
        }
    }

    /** The target has copied what it keeps. */
    private static void wipe(UapiSet set) {
        if (set.privateKey() != null) {
            set.privateKey().close();
        }
        for (UapiSet.Peer peer : set.peers()) {
            if (peer.presharedKey() != null) {
                peer.presharedKey().close();
            }
        }
    }

    private void applyNow(UapiSet set) throws UapiException {
        try {
            target.apply(set);
        } finally {
            wipe(set);
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

    private void skipToEnd() throws IOException {
        String line = readLine();
        while (line != null && !line.isEmpty()) {
            line = readLine();
        }
    }

    private void write(String answer) throws IOException {
        out.write(answer.getBytes(US_ASCII));
        out.flush();
    }

    /** A line without its end; null when the other side has closed. */
    private @Nullable String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(80);
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                return null;
            }
            if (line.size() == MAX_LINE_BYTES) {
                throw new IOException("a UAPI line is longer than " + MAX_LINE_BYTES + " bytes");
            }
            line.write(next);
        }
        return line.toString(US_ASCII);
    }
}
