package dev.warren.loadtest.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/** One combination of settings under which the two subjects are compared. */
record Cell(String name, SequencedMap<String, String> settings) {
    /** The name of the only cell of a spec in which nothing varies. */
    static final String SINGLE = "as given";

    /** Every combination of one of {@code listed} with one value from each list of {@code matrix}, in their order. */
    static List<Cell> product(List<Cell> listed, SequencedMap<String, List<String>> matrix) {
        List<Cell> cells = listed.isEmpty() ? List.of(new Cell("", new LinkedHashMap<>())) : listed;
        for (Map.Entry<String, List<String>> axis : matrix.entrySet()) {
            List<Cell> longer = new ArrayList<>();
            for (Cell cell : cells) {
                axis.getValue().forEach(value -> longer.add(cell.with(axis.getKey(), value)));
            }
            cells = longer;
        }
        return cells.stream()
                .map(cell -> cell.name.isEmpty() ? new Cell(SINGLE, cell.settings) : cell)
                .toList();
    }

    /** A cell with these settings, named after them. */
    static Cell named(SequencedMap<String, String> settings) {
        String name = settings.entrySet().stream()
                .map(setting -> words(setting.getKey(), setting.getValue()))
                .collect(Collectors.joining(", "));
        return new Cell(name, settings);
    }

    private Cell with(String key, String value) {
        SequencedMap<String, String> more = new LinkedHashMap<>(settings);
        more.put(key, value);
        String words = words(key, value);
        return new Cell(name.isEmpty() ? words : name + ", " + words, more);
    }

    /** How a setting reads in a cell's name: "20 pairs", "100 B", "burst 16", "offloads off". */
    private static String words(String key, String value) {
        return switch (key) {
            case "pairs", "clients", "sockets", "streams", "peers" ->
                value + " " + (value.equals("1") ? key.substring(0, key.length() - 1) : key);
            case "size" -> value.chars().allMatch(Character::isDigit) ? value + " B" : "size " + value;
            case "rate" -> value.chars().allMatch(Character::isDigit) ? value + "/s" : "rate " + value;
            case "mode" -> value;
            default -> key + " " + value;
        };
    }
}
