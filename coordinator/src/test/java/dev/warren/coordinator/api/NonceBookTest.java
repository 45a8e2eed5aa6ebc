package dev.warren.coordinator.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class NonceBookTest {
    private static final long NOW = 1_000_000;

    private final NonceBook book = new NonceBook(Seeds.random(1));

    @Test
    void aNonceIsGoodOnce() {
        String nonce = book.issue(NOW);
        assertTrue(book.use(nonce, NOW));
        assertFalse(book.use(nonce, NOW));
        assertTrue(book.isFresh(nonce, NOW));
    }

    @Test
    void aNonceIsGoodForAMinute() {
        assertTrue(book.use(book.issue(NOW), NOW + NonceBook.LIFETIME_MILLIS - 1));
        assertFalse(book.use(book.issue(NOW), NOW + NonceBook.LIFETIME_MILLIS));
        assertFalse(book.use(book.issue(NOW), NOW - 1));
    }

    @Test
    void noncesDiffer() {
        assertNotEquals(book.issue(NOW), book.issue(NOW));
    }

    @Test
    void anotherBooksNonceIsNone() {
        assertFalse(book.use(new NonceBook(Seeds.random(2)).issue(NOW), NOW));
    }

    @Test
    void aChangedNonceIsNone() {
        Seeds.forEach(50, random -> {
            String nonce = book.issue(NOW);
            int at = random.nextInt(nonce.length() - 1);
            char other = nonce.charAt(at) == 'A' ? 'B' : 'A';
            assertFalse(book.use(nonce.substring(0, at) + other + nonce.substring(at + 1), NOW));
        });
    }

    @Test
    void aReplayInBase64sSpareBitsIsSeen() {
        String nonce = book.issue(NOW);
        assertTrue(book.use(nonce, NOW));
        String letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        for (int i = 0; i < letters.length(); i++) {
            assertFalse(book.use(nonce.substring(0, nonce.length() - 1) + letters.charAt(i), NOW));
        }
    }

    @Test
    void garbageIsNone() {
        for (String garbage : new String[] {"", "A", "\u00e4", "*", "A".repeat(43), "A".repeat(10_000)}) {
            assertFalse(book.use(garbage, NOW));
        }
    }

    @Test
    void usedNoncesAreForgottenWhenTheyAreTooOldAnyway() {
        for (int i = 0; i < 100; i++) {
            book.use(book.issue(NOW), NOW);
        }
        assertEquals(100, book.size());
        book.use(book.issue(NOW + NonceBook.LIFETIME_MILLIS), NOW + NonceBook.LIFETIME_MILLIS);
        assertEquals(1, book.size());
    }
}
