package dev.warren.node.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NetworkChangesTest {
    private static final long SECOND = 1_000_000_000L;

    private final List<NetworkChange> followed = new ArrayList<>();
    private final NetworkChanges changes = new NetworkChanges((change, _) -> followed.add(change));

    @Test
    void shouldFollowTheFirstAtOnceAndTheRestOfTheSecondTogether() {
        changes.add(NetworkChange.NONE, SECOND);
        assertEquals(Long.MAX_VALUE, changes.nextDeadlineNanos());
        changes.add(NetworkChange.LOST, SECOND);
        assertEquals(List.of(NetworkChange.LOST), followed);
        assertEquals(Long.MAX_VALUE, changes.nextDeadlineNanos());

        changes.add(NetworkChange.ADDED, SECOND + 1);
        changes.add(NetworkChange.slept(5), SECOND + 2);
        changes.add(NetworkChange.slept(6), SECOND + 3);
        assertEquals(SECOND + NetworkChanges.GAP_NANOS, changes.nextDeadlineNanos());
        changes.poll(SECOND + NetworkChanges.GAP_NANOS - 1);
        assertEquals(1, followed.size());
        changes.poll(SECOND + NetworkChanges.GAP_NANOS);
        assertEquals(new NetworkChange(true, true, 11), followed.getLast());
        assertEquals(2, followed.size());
        assertEquals(Long.MAX_VALUE, changes.nextDeadlineNanos());
    }

    @Test
    void shouldSeeWhatItsOwnAddressesHaveBecome() {
        OwnEndpoints endpoints = new OwnEndpoints();
        InetSocketAddress one = InetSocketAddress.createUnresolved("192.0.2.1", 1);
        InetSocketAddress other = InetSocketAddress.createUnresolved("192.0.2.2", 1);
        assertEquals(NetworkChange.NONE, endpoints.setLocal(List.of(one)), "the first are no change");
        assertEquals(NetworkChange.NONE, endpoints.setLocal(List.of(one)));
        assertEquals(NetworkChange.ADDED, endpoints.setLocal(List.of(other, one)));
        assertEquals(NetworkChange.LOST, endpoints.setLocal(List.of(other)));
        assertEquals(NetworkChange.LOST, endpoints.setLocal(List.of()));
        assertEquals(NetworkChange.ADDED, endpoints.setLocal(List.of(one)));
    }
}
