package dev.warren.loadtest.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class MarkupTest {
    @Test
    void shouldEscapeTextAndValues() {
        String page = new Markup()
                .open("p", "title", "\"><b>")
                .text("a < b && c > 'd' \"e\"")
                .close("p")
                .toString();

        assertEquals(
                "<p title=\"&quot;&gt;&lt;b&gt;\">a &lt; b &amp;&amp; c &gt; &#39;d&#39; &quot;e&quot;</p>\n", page);
    }

    @Test
    void shouldReplaceWhatNoPageMayHave() {
        assertEquals(
                "a\uFFFDb\uFFFD[31m\n\tc",
                new Markup().text("a\0b\u001B[31m\n\tc").toString());
    }

    @Test
    void shouldNotPutSpaceBehindWordsInALine() {
        assertEquals(
                "<b>one</b>, <path d=\"M0 0\"/>",
                new Markup()
                        .element("b", "one")
                        .text(", ")
                        .empty("path", "d", "M0 0")
                        .toString());
    }

    @Test
    void shouldWriteSharesAsPerCent() {
        assertEquals("33.33%", Markup.percent(1 / 3.0));
    }
}
