package dev.warren.loadtest.compare;

import dev.warren.loadtest.measure.Figure;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Unit;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A rate that a spec gives as a share of what one subject can do at most on the machine that runs it, {@code rate: "50%
 * of b"}: half of a server's greatest load is another number on each machine.
 *
 * @param percent of the subject's greatest rate, 1 to 100
 * @param ofA whether of the first subject; otherwise of the second
 */
record RelativeRate(int percent, boolean ofA) {
    private static final String RATE = "rate";
    private static final Pattern WORDS = Pattern.compile("([1-9]\\d?|100)% of ([ab])");
    private static final Set<Unit> RATES = EnumSet.of(Unit.PACKETS_PER_SECOND, Unit.RESPONSES_PER_SECOND);

    /** What the cell says; nothing when its rate is a number, or when it has none. */
    static Optional<RelativeRate> of(Cell cell) {
        Matcher words = WORDS.matcher(cell.settings().getOrDefault(RATE, ""));
        return words.matches()
                ? Optional.of(new RelativeRate(
                        Integer.parseInt(words.group(1)), words.group(2).equals("a")))
                : Optional.empty();
    }

    /** The cell without a rate, where the subject does what it can. */
    static Cell unlimited(Cell cell) {
        SequencedMap<String, String> settings = new LinkedHashMap<>(cell.settings());
        settings.remove(RATE);
        return new Cell(cell.name() + ", at most", settings);
    }

    /** The cell at this rate, which its name shows too. */
    static Cell at(Cell cell, long rate) {
        SequencedMap<String, String> settings = new LinkedHashMap<>(cell.settings());
        settings.put(RATE, Long.toString(rate));
        return new Cell(cell.name() + ": " + rate + "/s", settings);
    }

    /** How many packets or answers a second the run counted; 0 when it did not get to that. */
    static double greatest(Result unlimited) {
        return unlimited.figures().stream()
                .filter(figure -> RATES.contains(figure.unit()))
                .mapToDouble(Figure::value)
                .filter(Double::isFinite)
                .findFirst()
                .orElse(0);
    }

    /** This share of {@code greatest}, with two digits, as a third would say more than such a run knows. */
    long rate(double greatest) {
        double exact = Math.max(1, greatest * percent / 100);
        double unit = Math.pow(10, Math.max(0, Math.floor(Math.log10(exact)) - 1));
        return Math.round(exact / unit) * Math.round(unit);
    }
}
