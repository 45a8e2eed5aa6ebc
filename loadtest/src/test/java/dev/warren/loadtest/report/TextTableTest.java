package dev.warren.loadtest.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.warren.loadtest.report.TextTable.Side;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TextTableTest {
    @Test
    void shouldLineUpColumnsOnTheirSides() {
        assertEquals(
                """
                .name      a     b
                .first   100     1
                .second    2  3000
                """
                        .replace('.', ' '),
                print(new TextTable(Side.RIGHT, List.of("name", "a", "b"))
                        .add(List.of("first", "100", "1"))
                        .add(List.of("second", "2", "3000"))));
    }

    @Test
    void shouldGoOnInTheNextLineWithWhatIsTooLong() {
        assertEquals(
                """
                .a name that is longer than a        1
                .column may be
                .thisnameislongandhasnospaceanywher  2
                .e
                """
                        .replace('.', ' '),
                print(new TextTable(Side.LEFT, List.of("", "", ""))
                        .add(List.of("a name that is longer than a column may be", "1", ""))
                        .add(List.of("thisnameislongandhasnospaceanywhere", "2", ""))));
    }

    @Test
    void shouldGiveASecondAndLastColumnAllTheRoom() {
        String value = "x".repeat(60);

        assertEquals(
                " name  " + value + "\n", print(new TextTable(Side.LEFT, List.of("", "")).add(List.of("name", value))));
    }

    @Test
    void shouldNarrowTheFirstColumnBeforeItBreaksTheTable() {
        String text = print(new TextTable(Side.LEFT, List.of("a title of the first column", "b", "c", "d"))
                .add(List.of("1", "x".repeat(25), "y".repeat(25), "z".repeat(22))));

        assertEquals(
                List.of(
                        " a title of the first  b" + " ".repeat(26) + "c" + " ".repeat(26) + "d",
                        " column",
                        " 1                     " + "x".repeat(25) + "  " + "y".repeat(25) + "  " + "z".repeat(22)),
                text.lines().toList());
    }

    @Test
    void shouldRefuseARowOfAnotherLength() {
        TextTable table = new TextTable(Side.LEFT, List.of("a", "b"));

        assertThrows(IllegalArgumentException.class, () -> table.add(List.of("1")));
    }

    @Test
    void shouldWrapAtSpaces() {
        assertEquals(List.of("one two", "three"), TextTable.wrap("one two three", 8));
        assertEquals(List.of("one", "two"), TextTable.wrap("one two", 3));
        assertEquals(List.of("onet", "wo"), TextTable.wrap("onetwo", 4));
        assertEquals(List.of(""), TextTable.wrap("", 4));
    }

    private static String print(TextTable table) {
        StringWriter text = new StringWriter();
        table.print(new PrintWriter(text), " ");
        return text.toString();
    }
}
