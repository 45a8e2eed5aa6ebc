package dev.warren.loadtest.compare;

import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The folder of the ready specs. */
record SpecShelf(Path folder) {
    private static final String ENDING = ".yaml";

    /** The ready specs, in the order of their names. */
    List<Path> ready() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(ENDING))
                    .sorted()
                    .toList();
        } catch (IOException unreadable) {
            throw new UserError("the ready specs in " + folder + " cannot be read", unreadable);
        }
    }

    /** The spec that {@code name} means: a file, or a ready spec without its ending. */
    ComparisonSpec find(String name) {
        for (Path file : List.of(Path.of(name), folder.resolve(name + ENDING))) {
            if (Files.isRegularFile(file)) {
                return read(file);
            }
        }
        throw new UserError("there is no spec " + name + ": give a file, or one of the ready ones, "
                + ready().stream().map(SpecShelf::name).collect(Collectors.joining(", ")));
    }

    /** One line about each ready spec: its name and what it compares. */
    String list() {
        List<Path> files = ready();
        int width = files.stream().mapToInt(file -> name(file).length()).max().orElse(0) + 2;
        return files.stream()
                .map(file -> {
                    String name = name(file);
                    return name
                            + " ".repeat(width - name.length())
                            + read(file).source().title();
                })
                .collect(Collectors.joining(System.lineSeparator()));
    }

    private static ComparisonSpec read(Path file) {
        try {
            return SpecReader.read(String.valueOf(file.getFileName()), Files.readString(file));
        } catch (IOException unreadable) {
            throw new UserError(file + " cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }

    private static String name(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.substring(0, name.length() - ENDING.length());
    }
}
