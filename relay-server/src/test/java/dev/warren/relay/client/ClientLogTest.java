package dev.warren.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.relay.admission.Admission.Verdict;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

final class ClientLogTest {
    private static final String NAME = "dev.warren.relay.client.ClientLogTest";

    private final List<String> messages = new ArrayList<>();
    private final List<Map<String, String>> about = new ArrayList<>();

    /** What a handler of the console would see while it writes the line. */
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            messages.add(entry.getMessage());
            about.add(new HashMap<>(MDC.getCopyOfContextMap()));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @Test
    void shouldNameClientSourceAndReason() {
        NodePublicKey key = NodePublicKey.of(new byte[32]);
        InetSocketAddress source = new InetSocketAddress(InetAddress.ofLiteral("2001:db8::7"), 4242);
        Map<String, String> fields = logged(new Frame.PeerPresent(key, source, Frame.PeerPresent.REGULAR));
        assertEquals(
                Map.of(
                        "client",
                        key.toString(),
                        "source",
                        "[2001:db8:0:0:0:0:0:7]:4242",
                        "reason",
                        "its key is on the deny list"),
                fields);
        assertEquals(
                List.of(key + " from [2001:db8:0:0:0:0:0:7]:4242 was not let in: its key is on the deny list"),
                messages);
        assertNull(MDC.get("client"), "the next line is about somebody else");
    }

    @Test
    void shouldDoWithoutAnAddress() {
        NodePublicKey key = NodePublicKey.of(new byte[32]);
        assertEquals(
                "an unknown address",
                logged(new Frame.PeerPresent(key, null, 1)).get("source"));
    }

    private Map<String, String> logged(Frame.PeerPresent client) {
        Logger logger = Logger.getLogger(NAME);
        logger.addHandler(handler);
        try {
            new ClientLog(LoggerFactory.getLogger(NAME)).decided(client, "was not let in", Verdict.DENY_LISTED);
        } finally {
            logger.removeHandler(handler);
        }
        return about.getLast();
    }
}
