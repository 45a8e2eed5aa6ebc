package dev.warren.loadtest.stun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.protocol.stun.BindingRequest;
import dev.warren.protocol.stun.TransactionId;
import dev.warren.protocol.testing.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class RequestTemplateTest {
    @Test
    void shouldBeTheRequestThatTheProtocolWrites() {
        Seeds.forEach(200, random -> {
            int prefix = random.nextInt();
            int socket = random.nextInt();
            int sequence = random.nextInt();
            TransactionId id = new TransactionId((long) prefix << 32 | Integer.toUnsignedLong(socket), sequence);

            RequestTemplate tailscale = new RequestTemplate(RequestForm.TAILSCALE, prefix);
            tailscale.stamp(random.nextInt(), random.nextInt());
            assertArrayEquals(BindingRequest.tailscale(id), tailscale.stamp(socket, sequence));

            RequestTemplate plain = new RequestTemplate(RequestForm.PLAIN, prefix);
            assertArrayEquals(BindingRequest.plain(id), plain.stamp(socket, sequence));
        });
    }

    @Test
    void shouldHaveTheLengthThatStundWants() {
        assertEquals(40, new RequestTemplate(RequestForm.TAILSCALE, 1).length());
        assertEquals(20, new RequestTemplate(RequestForm.PLAIN, 1).length());
    }
}
