package dev.warren.node.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class HttpProbeTest {
    private static final String REQUEST = "GET /derp/latency-check HTTP/1.1\r\nHost: relay\r\n\r\n";

    private final CompletableFuture<HttpProbe.Answer> answer = new CompletableFuture<>();
    private final EmbeddedChannel channel = new EmbeddedChannel(new HttpProbe(REQUEST, false, answer));

    private void receive(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    }

    @Test
    void shouldAskOnceTheConnectionStands() {
        ByteBuf sent = Objects.requireNonNull(channel.readOutbound());
        assertEquals(REQUEST, sent.toString(StandardCharsets.US_ASCII));
        sent.release();
    }

    @Test
    void shouldReadAnAnswerInPieces() throws Exception {
        String head = "HTTP/1.1 204 No Content\r\nX-Padding: " + "x".repeat(1_500) + "\r\nX-Word: yes\r\n\r\n";
        for (int i = 0; i < head.length(); i++) {
            assertFalse(answer.isDone(), "after " + i + " bytes");
            receive(head.substring(i, i + 1));
        }
        assertEquals(204, answer.get().head().status());
        assertEquals("yes", answer.get().head().field("x-word"));
        assertTrue(answer.get().nanos() > 0);
        assertFalse(channel.isOpen());
    }

    @Test
    void shouldNotReadForEver() {
        for (int i = 0; i < 20; i++) {
            if (channel.isOpen()) {
                receive("x".repeat(1_000));
            }
        }
        assertTrue(answer.isCompletedExceptionally());
        assertFalse(channel.isOpen());
    }

    @Test
    void shouldFailForWhatIsNoHttp() {
        receive("SSH-2.0-x\r\nno field\r\n\r\n");
        assertTrue(answer.isCompletedExceptionally());
        assertFalse(channel.isOpen());
    }

    @Test
    void shouldFailWhenTheServerHangsUp() {
        receive("HTTP/1.1 204 No");
        var _ = channel.close();
        assertTrue(answer.isCompletedExceptionally());
    }
}
