package dev.warren.loadtest.dist;

import dev.warren.coordinator.CoordinatorMain;
import dev.warren.node.cli.NodeMain;
import dev.warren.platform.config.Program;
import dev.warren.relay.RelayMain;
import dev.warren.stun.StunMain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The manual pages (man(7)) and the completion for bash of all programs, from the same picocli commands that read their
 * command lines. Servers are in section 8, what a user types in section 1.
 */
public final class Manual {
    private static final String NAME = "warren";
    private static final int OWN_COMMANDS = 1;
    private static final int SERVERS = 8;

    private final Path folder;

    private Manual(Path folder) {
        this.folder = folder;
    }

    /** Writes {@code man/man1}, {@code man/man8} and {@code bash-completion/completions/warren} into the folder named. */
    public static void main(String... arguments) throws IOException {
        new Manual(Path.of(arguments[0])).write();
    }

    private void write() throws IOException {
        CommandLine root = new CommandLine(CommandSpec.create().name(NAME));
        List<CommandLine> servers =
                List.of(described(new RelayMain()), described(new StunMain()), described(new CoordinatorMain()));
        List<CommandLine> own =
                List.copyOf(described(NodeMain.command()).getSubcommands().values());
        for (CommandLine server : servers) {
            root.addSubcommand(bare(server.getCommandName()), server);
            page(server, SERVERS);
        }
        for (CommandLine command : own) {
            root.addSubcommand(command.getCommandName(), command);
            page(command, OWN_COMMANDS);
        }
        Files.writeString(
                folder.resolve("man/man" + OWN_COMMANDS).resolve(NAME + "." + OWN_COMMANDS), overview(own, servers));
        Path completions = Files.createDirectories(folder.resolve("bash-completion/completions"));
        // It is read by a shell, never run.
        String completion = AutoComplete.bash(NAME, root).replaceFirst("^#!.*\n", "");
        Files.writeString(completions.resolve(NAME), completion);
    }

    /** What {@code man warren} shows: which page is about what. */
    private static String overview(List<CommandLine> own, List<CommandLine> servers) {
        List<String> lines = new ArrayList<>();
        lines.add(heading(NAME, OWN_COMMANDS));
        lines.add(".SH NAME");
        lines.add("warren \\- private networks across NATs, WireGuard end to end");
        lines.add(".SH SYNOPSIS");
        lines.add(".B warren");
        lines.add("PROGRAM [OPTIONS]");
        lines.add(".SH DESCRIPTION");
        lines.add(
                "Machines of a mesh speak to each other through WireGuard tunnels: directly where a hole can be punched");
        lines.add("through their NATs, and by a relay where not.");
        lines.add(".B warren help");
        lines.add("names all programs.");
        entries(lines, "ON EVERY MACHINE OF THE MESH", programs(own, OWN_COMMANDS));
        entries(lines, "THE RENDEZVOUS SERVERS", programs(servers, SERVERS));
        return String.join("\n", lines) + "\n";
    }

    private static List<Entry> programs(List<CommandLine> commands, int section) {
        return commands.stream()
                .map(CommandLine::getCommandSpec)
                .map(spec -> new Entry(
                        NAME + "-" + bare(spec.qualifiedName("-")) + "(" + section + ")",
                        first(spec.usageMessage().description())))
                .toList();
    }

    private static String heading(String name, int section) {
        return ".TH \"" + name.toUpperCase(Locale.ROOT) + "\" " + section + " \"\" \"Warren\" \"Warren\"";
    }

    private static CommandLine described(Object command) {
        return Program.describe(command);
    }

    /** A page for the command, and one for each of its own commands, such as {@code warren-coordinator-token-create}. */
    private void page(CommandLine command, int section) throws IOException {
        String name = NAME + "-" + bare(command.getCommandSpec().qualifiedName("-"));
        Path pages = Files.createDirectories(folder.resolve("man/man" + section));
        Files.writeString(pages.resolve(name + "." + section), text(name, command.getCommandSpec(), section));
        for (CommandLine below : List.copyOf(command.getSubcommands().values())) {
            page(below, section);
        }
    }

    /** Without the program's own name in front, which some commands have in theirs. */
    private static String bare(String name) {
        return name.replace(' ', '-').replaceFirst("^(" + NAME + "-)+", "");
    }

    private static String text(String name, CommandSpec spec, int section) {
        List<String> lines = new ArrayList<>();
        lines.add(heading(name, section));
        lines.add(".SH NAME");
        lines.add(name + " \\- " + escaped(first(spec.usageMessage().description())));
        lines.add(".SH SYNOPSIS");
        lines.add(".B " + escaped(name.replace('-', ' ')));
        lines.add("[OPTIONS]" + operands(spec) + (spec.subcommands().isEmpty() ? "" : " [COMMAND]"));
        lines.add(".SH DESCRIPTION");
        for (String paragraph : spec.usageMessage().description()) {
            lines.add(escaped(paragraph));
        }
        entries(
                lines,
                "COMMANDS",
                spec.subcommands().values().stream()
                        .distinct()
                        .map(below -> new Entry(
                                below.getCommandName(),
                                first(below.getCommandSpec().usageMessage().description())))
                        .toList());
        entries(
                lines,
                "OPERANDS",
                spec.positionalParameters().stream()
                        .map(operand -> new Entry(operand.paramLabel(), described(operand)))
                        .toList());
        entries(
                lines,
                "OPTIONS",
                spec.options().stream()
                        .filter(option -> !option.hidden())
                        .map(option -> new Entry(names(option), described(option)))
                        .toList());
        for (String footer : spec.usageMessage().footer()) {
            lines.add(".SH NOTES");
            lines.add(escaped(footer));
        }
        return String.join("\n", lines) + "\n";
    }

    private record Entry(String term, String text) {}

    private static void entries(List<String> lines, String title, List<Entry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        lines.add(".SH " + title);
        for (Entry entry : entries) {
            lines.add(".TP");
            lines.add(".B " + escaped(entry.term()));
            lines.add(escaped(entry.text()));
        }
    }

    private static String names(OptionSpec option) {
        String value = option.arity().max() == 0 ? "" : "=" + option.paramLabel();
        return String.join(", ", option.names()) + value;
    }

    private static String operands(CommandSpec spec) {
        StringBuilder all = new StringBuilder();
        for (PositionalParamSpec operand : spec.positionalParameters()) {
            all.append(' ').append(operand.paramLabel());
        }
        return all.toString();
    }

    private static String described(ArgSpec argument) {
        String text = String.join(" ", argument.description());
        String value = argument.defaultValue();
        return value == null || value.isEmpty() || argument.arity().max() == 0
                ? text
                : text + " Default: " + value + ".";
    }

    private static String first(String... paragraphs) {
        return paragraphs.length == 0 ? "" : paragraphs[0];
    }

    /** A leading dot or quote would be a request of roff's, a hyphen would be typographic. */
    static String escaped(String text) {
        String safe =
                text.replace("\\", "\\e").replace("-", "\\-").replace("%n", " ").replace("%%", "%");
        return safe.startsWith(".") || safe.startsWith("'") ? "\\&" + safe : safe;
    }
}
