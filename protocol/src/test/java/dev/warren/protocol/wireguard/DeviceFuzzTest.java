package dev.warren.protocol.wireguard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.warren.protocol.crypto.LittleEndian;
import dev.warren.protocol.testing.Seeds;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever the network brings is counted and changes nothing: no exception, no packet, no answer but a cookie. */
class DeviceFuzzTest {
    private static final long SECOND = 1_000_000_000L;
    /** Behind type and index, which only the first MAC covers. */
    private static final int FIRST_COVERED = 8;

    @FuzzTest(maxDuration = "5s")
    void hostileBytesAreDropped(byte[] bytes) {
        Target target = new Target();
        target.hit(bytes);
        // The same again, past the cheap checks: with a proper first MAC, and for a session that exists.
        byte[] stamped = bytes.clone();
        if (stamped.length >= 2 * Macs.LENGTH) {
            new CookieJar(target.b.publicKey()).stamp(stamped, 0, stamped.length, SECOND);
            target.hit(stamped);
        }
        if (stamped.length >= 8) {
            LittleEndian.writeInt(stamped, 4, target.sessionIndex());
            target.hit(stamped);
        }
    }

    /** Behind the AEAD: whatever an authentic peer puts into a data message is delivered as it is, or dropped. */
    @FuzzTest(maxDuration = "5s")
    void innerPacketsAreDeliveredOrDropped(byte[] bytes) {
        if (bytes.length < 40) {
            return;
        }
        Target target = new Target();
        target.a.add(target.b, "0.0.0.0/0", "::/0");
        byte[] packet = bytes.clone();
        packet[0] = (byte) ((packet[0] & 0x0f) | (packet[0] < 0 ? 0x60 : 0x40));
        target.a.send(packet, 10 * SECOND);
        byte[] message = target.a.transmitted.remove();
        int dropped = target.b.dropped.size();
        target.b.receive(message, target.a, 10 * SECOND);

        assertEquals(dropped + 1, target.b.dropped.size() + target.b.delivered.size());
        for (byte[] delivered : target.b.delivered) {
            assertArrayEquals(Arrays.copyOf(packet, delivered.length), delivered);
            assertArrayEquals(new byte[] {10, 0, 0, 1}, Arrays.copyOfRange(delivered, 12, 16));
        }
    }

    /**
     * Behind the first MAC: a handshake message that an authentic peer could have sent, changed anywhere and with its MAC
     * made right again. What is covered by the handshake itself must not be taken.
     */
    @FuzzTest(maxDuration = "5s")
    void changedHandshakeMessagesAreDropped(byte[] bytes) {
        if (bytes.length < 2) {
            return;
        }
        Target target = new Target();
        byte[] message =
                switch (bytes[0] & 3) {
                    case 0 -> target.cookieReply();
                    case 1 -> target.response();
                    default -> target.initiation();
                };
        int covered = message.length - (message.length == CookieReplyMessage.LENGTH ? 0 : 2 * Macs.LENGTH);
        for (int i = 1; i < bytes.length; i++) {
            int at = FIRST_COVERED + (i - 1 + (bytes[0] & 0xff)) % (covered - FIRST_COVERED);
            message[at] ^= bytes[i];
        }
        boolean changed = !Arrays.equals(message, target.original);
        if (covered < message.length) {
            new CookieJar(target.b.publicKey()).stamp(message, 0, message.length, SECOND);
        }
        int dropped = target.b.dropped.size();
        target.b.receive(message, target.a, 10 * SECOND);
        assertEquals(dropped + (changed ? 1 : 0), target.b.dropped.size());
    }

    @Test
    @Timeout(30)
    void shouldDropFlippedAndCutMessagesOfEveryKind() {
        Seeds.forEach(30, random -> {
            Target target = new Target();
            target.a.device.initiate(target.bAtA, 10 * SECOND);
            byte[] initiation = target.a.transmitted.remove();
            target.a.send(Packets.ipv4("10.0.0.1", "10.0.0.2", 20 + random.nextInt(200)), 10 * SECOND);
            byte[] data = target.a.transmitted.remove();
            for (byte[] message : new byte[][] {initiation, data}) {
                byte[] flipped = message.clone();
                // The last 16 bytes of a handshake message are the second MAC, which nobody looks at without load.
                int covered = message.length - (message.length == InitiationMessage.LENGTH ? 16 : 0);
                flipped[random.nextInt(covered)] ^= (byte) (1 << random.nextInt(8));
                target.hit(flipped);
                target.hit(Arrays.copyOf(message, random.nextInt(message.length)));
            }
        });
    }

    /** A device with one session up. */
    private static final class Target {
        private final TestNode a = new TestNode(1);
        private final TestNode b = new TestNode(2);
        private final Peer bAtA = a.add(b, "10.0.0.2/32");
        private final Peer aAtB = b.add(a, "10.0.0.1/32");

        private byte[] original = new byte[0];

        Target() {
            a.device.initiate(bAtA, SECOND);
            TestNode.exchange(a, b, SECOND);
        }

        /** A renewal by {@code a}. */
        byte[] initiation() {
            a.device.initiate(bAtA, 10 * SECOND);
            return take(a.transmitted.remove());
        }

        /** The answer to a renewal by {@code b}. */
        byte[] response() {
            b.device.initiate(aAtB, 10 * SECOND);
            a.receive(b.transmitted.remove(), b, 10 * SECOND);
            return take(a.transmitted.remove());
        }

        /** The same when {@code a} is busy. */
        byte[] cookieReply() {
            b.device.initiate(aAtB, 10 * SECOND);
            byte[] initiation = b.transmitted.remove();
            CookieReplyMessage reply = new CookieChecker(a.publicKey(), Seeds.random(3))
                    .reply(initiation, 0, initiation.length, b.origin, 10 * SECOND);
            byte[] message = new byte[CookieReplyMessage.LENGTH];
            reply.encode(message, 0);
            return take(message);
        }

        private byte[] take(byte[] message) {
            original = message.clone();
            return message;
        }

        int sessionIndex() {
            Session current = aAtB.keypairs().current();
            return current == null ? 0 : current.localIndex();
        }

        void hit(byte[] message) {
            int dropped = b.dropped.size();
            int origins = b.origins.size();
            long received = aAtB.rxBytes();
            b.receive(message, a, 10 * SECOND);
            assertEquals(dropped + 1, b.dropped.size(), "dropped, and counted once");
            assertEquals(origins, b.origins.size());
            assertEquals(received, aAtB.rxBytes());
            assertTrue(b.delivered.isEmpty() && b.transmitted.isEmpty());
        }
    }
}
