package dev.warren.loadtest.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.UserError;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CatalogueTest {
    @Test
    void shouldFindByAPartOfTheNameInAnyCase() {
        List<String> names = Catalogue.matching("frame.*HEADER").stream()
                .map(Catalogue.Entry::name)
                .toList();

        assertEquals(List.of("FrameBench.encodeHeader"), names);
    }

    @Test
    void shouldSayWhatThereIsWhenNothingMatches() {
        UserError none = assertThrows(UserError.class, () -> Catalogue.matching("no such thing"));

        String message = String.valueOf(none.getMessage());
        assertTrue(message.startsWith("no benchmark's name matches 'no such thing'; there are "), message);
        for (Catalogue.Entry entry : Catalogue.all()) {
            assertTrue(message.contains(entry.name()), entry::name);
        }
    }

    @Test
    void shouldRefuseWhatIsNoPattern() {
        UserError wrong = assertThrows(UserError.class, () -> Catalogue.matching("("));

        assertEquals("'(' is no regular expression (Unclosed group); a part of a name will do", wrong.getMessage());
    }

    @Test
    void shouldFindAgainWhatJmhNames() {
        for (Catalogue.Entry entry : Catalogue.all()) {
            assertEquals(entry, Catalogue.named(entry.fullName()));
        }
        assertThrows(IllegalArgumentException.class, () -> Catalogue.named("somebody.Else"));
    }
}
