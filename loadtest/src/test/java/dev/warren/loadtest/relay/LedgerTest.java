package dev.warren.loadtest.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Seeds;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LedgerTest {
    private final Ledger ledger = new Ledger();

    @Test
    void shouldFreeTheWindowAsPacketsArrive() {
        ledger.measure();
        assertEquals(0, ledger.send(16));
        assertEquals(16, ledger.send(4));
        assertEquals(20, ledger.inFlight());
        assertTrue(ledger.arrived(0));
        assertTrue(ledger.arrived(1));
        assertEquals(18, ledger.inFlight());
        assertFigures(20, 2, 0, 0);
    }

    @Test
    void shouldCountWhatWasPassedOverAsLostAndTakeItBackWhenItComesLate() {
        ledger.measure();
        ledger.send(5);
        assertTrue(ledger.arrived(3));
        assertEquals(1, ledger.inFlight());
        assertFigures(5, 1, 0, 0);
        assertTrue(ledger.arrived(1));
        assertFigures(5, 2, 1, 0);
        assertEquals(1, ledger.inFlight());
    }

    @Test
    void shouldNotCountAPacketTwice() {
        ledger.measure();
        ledger.send(5);
        assertTrue(ledger.arrived(0));
        assertFalse(ledger.arrived(0));
        assertTrue(ledger.arrived(2));
        assertTrue(ledger.arrived(1));
        assertFalse(ledger.arrived(1));
        assertFalse(ledger.arrived(2));
        assertFigures(5, 3, 1, 3);
    }

    @Test
    void shouldNotBelieveInPacketsThatNobodySent() {
        ledger.measure();
        ledger.send(1);
        assertFalse(ledger.arrived(1));
        assertFalse(ledger.arrived(Long.MAX_VALUE));
        assertFalse(ledger.arrived(-1));
        assertFigures(1, 0, 0, 3);
        assertEquals(1, ledger.inFlight());
    }

    @Test
    void shouldBeginAnewAfterGivingUpAndStillTakeBackWhatComesLater() {
        ledger.measure();
        ledger.send(16);
        ledger.giveUp();
        assertEquals(0, ledger.inFlight());
        ledger.send(16);
        assertTrue(ledger.arrived(7));
        assertTrue(ledger.arrived(16));
        assertFigures(32, 2, 1, 0);
        ledger.giveUp();
        ledger.giveUp();
        assertEquals(0, ledger.inFlight());
    }

    @Test
    void shouldMeasureOnlyWhatIsSentFromThenOn() {
        ledger.send(10);
        assertEquals(0, ledger.sent());
        ledger.measure();
        ledger.send(3);
        for (int i = 0; i < 13; i++) {
            assertTrue(ledger.arrived(i));
        }
        assertFigures(3, 3, 0, 0);
    }

    @Test
    void shouldForgetWhatIsTooFarBack() {
        ledger.measure();
        ledger.send(3 * Ledger.MEMORY);
        assertTrue(ledger.arrived(2L * Ledger.MEMORY));
        assertFalse(ledger.arrived(5));
        assertTrue(ledger.arrived(2L * Ledger.MEMORY - 1));
        assertFigures(3 * Ledger.MEMORY, 2, 1, 1);
    }

    /** Against sets of numbers, with loss, reordering and doubles at random within the memory. */
    @Test
    void shouldAgreeWithASetOfNumbers() {
        Seeds.forEach(50, random -> {
            Ledger tested = new Ledger();
            tested.measure();
            Set<Long> came = new HashSet<>();
            List<Long> onTheWay = new ArrayList<>();
            long highest = -1;
            long late = 0;
            long doubles = 0;
            for (int i = 0; i < 10_000; i++) {
                if (random.nextInt(3) > 0) {
                    onTheWay.add(tested.send(1));
                }
                if (!onTheWay.isEmpty() && random.nextInt(2) == 0) {
                    int index = random.nextInt(Math.min(onTheWay.size(), 50));
                    long sequence = random.nextInt(10) == 0 ? onTheWay.get(index) : onTheWay.remove(index);
                    boolean fresh = came.add(sequence);
                    assertEquals(fresh, tested.arrived(sequence));
                    late += fresh && sequence < highest ? 1 : 0;
                    doubles += fresh ? 0 : 1;
                    highest = Math.max(highest, sequence);
                }
                while (!onTheWay.isEmpty() && onTheWay.getFirst() < highest - 2000) {
                    onTheWay.removeFirst();
                }
            }
            assertEquals(came.size(), tested.delivered());
            assertEquals(late, tested.outOfOrder());
            assertEquals(doubles, tested.duplicates());
            assertEquals(tested.sent() - 1 - highest, tested.inFlight());
        });
    }

    private void assertFigures(long sent, long delivered, long outOfOrder, long duplicates) {
        assertEquals(
                List.of(sent, delivered, outOfOrder, duplicates),
                List.of(ledger.sent(), ledger.delivered(), ledger.outOfOrder(), ledger.duplicates()));
    }
}
