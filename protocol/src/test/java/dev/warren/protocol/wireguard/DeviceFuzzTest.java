package dev.warren.protocol.wireguard;

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

    @FuzzTest(maxDuration = "10s")
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

        Target() {
            a.device.initiate(bAtA, SECOND);
            TestNode.exchange(a, b, SECOND);
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
