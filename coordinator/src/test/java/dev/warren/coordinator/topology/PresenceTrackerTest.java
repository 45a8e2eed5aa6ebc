package dev.warren.coordinator.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.key.IdentityPublicKey;
import dev.warren.protocol.testing.Seeds;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PresenceTrackerTest {
    private final PresenceTracker presence = new PresenceTracker();
    private final IdentityPublicKey node =
            IdentityPrivateKey.generate(Seeds.random(1)).publicKey();

    @Test
    void whoWatchesIsOnline() {
        assertFalse(presence.isOnline(node));
        assertTrue(presence.began(node));
        assertTrue(presence.isOnline(node));
        assertEquals(PresenceTracker.NEVER, presence.nextDeadlineMillis());
    }

    @Test
    void offlineComesTenSecondsAfterTheLastWatch() {
        presence.began(node);
        presence.ended(node, 1000);
        assertEquals(11_000, presence.nextDeadlineMillis());
        assertEquals(List.of(), presence.poll(10_999));
        assertTrue(presence.isOnline(node));
        assertEquals(List.of(node), presence.poll(11_000));
        assertFalse(presence.isOnline(node));
        assertEquals(List.of(), presence.poll(12_000));
    }

    @Test
    void whoComesBackInTimeWasNeverAway() {
        presence.began(node);
        presence.ended(node, 1000);
        assertFalse(presence.began(node));
        assertEquals(List.of(), presence.poll(100_000));
        assertTrue(presence.isOnline(node));
    }

    @Test
    void theLastOfSeveralWatchesCounts() {
        presence.began(node);
        presence.began(node);
        presence.ended(node, 1000);
        assertEquals(List.of(), presence.poll(100_000));
        presence.ended(node, 100_000);
        assertEquals(List.of(node), presence.poll(110_000));
    }

    @Test
    void anEndWithoutABeginIsNothing() {
        presence.ended(node, 1000);
        assertEquals(List.of(), presence.poll(100_000));
    }
}
