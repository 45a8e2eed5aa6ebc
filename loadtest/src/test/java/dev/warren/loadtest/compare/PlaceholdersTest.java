package dev.warren.loadtest.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.warren.platform.config.UserError;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PlaceholdersTest {
    private final Placeholders placeholders =
            new Placeholders("x.yaml", Map.of("port", () -> "2000", "dir", () -> "/tmp/a $1 \\b", "warren", () -> {
                throw new UserError("asked for");
            }));

    @Test
    void shouldReplaceEveryWordInBraces() {
        assertEquals("127.0.0.1:2000, 2000", placeholders.fill("127.0.0.1:{port}, {port}"));
        assertEquals("/tmp/a $1 \\b/key", placeholders.fill("{dir}/key"));
        assertEquals(List.of("-a", "2000"), placeholders.fill(List.of("-a", "{port}")));
        assertEquals(Map.of("pid", "2000"), placeholders.fill(Map.of("pid", "{port}")));
    }

    @Test
    void shouldLeaveTheShellsBracesAlone() {
        assertEquals("${port} {} {A,B} { x; }", placeholders.fill("${port} {} {A,B} { x; }"));
    }

    @Test
    void shouldRefuseAWordThatStandsForNothing() {
        UserError wrong = assertThrows(UserError.class, () -> placeholders.fill("{prot}"));

        assertEquals("x.yaml: {prot} stands for nothing here; known are {dir}, {port}, {warren}", wrong.getMessage());
    }

    @Test
    void shouldAskForAMeaningOnlyWhenItIsUsed() {
        assertEquals(
                "asked for",
                assertThrows(UserError.class, () -> placeholders.fill("{warren}"))
                        .getMessage());
    }
}
