package dev.warren.loadtest.compare;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.warren.platform.config.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class CorePlanTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"0|{0}", "0,2-3|{0, 2, 3}", "1-1|{1}", " 4 , 6 |{4, 6}"})
    void shouldReadListsOfCores(String list, String numbers) {
        assertEquals(numbers, CorePlan.numbers(list).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "1-", "-1", "3-2", "1-2-3", "1,,2", "99999"})
    void shouldRefuseWhatIsNoList(String list) {
        assertThrows(IllegalArgumentException.class, () -> CorePlan.numbers(list));
    }

    @Test
    void shouldRefuseCoresThatTheMachineLacks() {
        UserError tooFew = assertThrows(UserError.class, () -> new CorePlan("0-1", "2,3").check("x.yaml", "0-1"));

        assertEquals(
                "x.yaml wants cores 2, 3, but only cores 0-1 can be used here; change its \"cores\", or leave them out"
                        + " to let everything run anywhere",
                tooFew.getMessage());
    }

    @Test
    void shouldAcceptCoresThatAreThereAndNoneAtAll() {
        assertDoesNotThrow(() -> new CorePlan("0", "1").check("x.yaml", "0-1"));
        assertDoesNotThrow(() -> CorePlan.UNPINNED.check("x.yaml", "0"));
    }

    @Test
    void shouldCountAServersCores() {
        assertEquals(3, new CorePlan("0,2-3", null).serverCores(8));
        assertEquals(8, CorePlan.UNPINNED.serverCores(8));
    }
}
