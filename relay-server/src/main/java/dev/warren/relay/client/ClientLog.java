package dev.warren.relay.client;

import dev.warren.platform.config.Sentences;
import dev.warren.protocol.derp.Frame;
import dev.warren.relay.admission.Admission.Verdict;
import org.slf4j.Logger;
import org.slf4j.MDC;
import org.slf4j.MDC.MDCCloseable;

/**
 * Log lines on what admission decided about a client. Where they are written as JSON, key, address and reason are also
 * members of their own ({@code client}, {@code source}, {@code reason}).
 */
final class ClientLog {
    private final Logger log;

    ClientLog(Logger log) {
        this.log = log;
    }

    /** Says that {@code client} suffers {@code what} by this verdict. */
    void decided(Frame.PeerPresent client, String what, Verdict verdict) {
        String source = client.address() == null ? "an unknown address" : Sentences.hostPort(client.address());
        try (MDCCloseable _ = MDC.putCloseable("client", client.key().toString());
                MDCCloseable _ = MDC.putCloseable("source", source);
                MDCCloseable _ = MDC.putCloseable("reason", verdict.reason())) {
            log.info("{} from {} {}: {}", client.key(), source, what, verdict.reason());
        }
    }
}
