package dev.warren.loadtest.relay;

import dev.warren.loadtest.measure.Machine;
import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.Report;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.report.OutputOptions;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/** {@code warren loadtest relay}: the same load on one relay after the other. */
@Command(
        name = "relay",
        description = "Clients that send each other packets through a relay; any server of DERP v2.",
        modelTransformer = RelayCommand.Options.class)
public final class RelayCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private OutputOptions output;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    RelayCommand() {}

    /** Gives the command the options of {@link RelayOption}. */
    static final class Options implements IModelTransformer {
        Options() {}

        @Override
        public CommandSpec transform(CommandSpec command) {
            for (RelayOption option : RelayOption.values()) {
                command.addOption(spec(option));
            }
            return command;
        }

        private static OptionSpec spec(RelayOption option) {
            OptionSpec.Builder builder =
                    OptionSpec.builder("--" + option.title()).description(option.description());
            if (option.label() == null) {
                return builder.type(boolean.class).build();
            }
            boolean several = option == RelayOption.TARGET || option == RelayOption.PID;
            return builder.type(several ? String[].class : String.class)
                    .paramLabel(option.label())
                    .defaultValue(several ? null : option.usual())
                    .required(option == RelayOption.TARGET)
                    .build();
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<RelaySettings> loads = loads();
        output.check();
        PrintWriter out = spec.commandLine().getOut();
        Progress progress = Progress.to(out);
        Instant start = Instant.now();
        List<Result> results = new ArrayList<>();
        for (RelaySettings load : loads) {
            results.add(new RelayLoad(load).run(progress));
        }
        output.finish(
                new Report("Relay", OutputOptions.commandLine(spec), start, Machine.here(), results, List.of()), out);
        return 0;
    }

    private List<RelaySettings> loads() {
        List<String> targets = several(RelayOption.TARGET);
        List<String> pids = several(RelayOption.PID);
        if (!pids.isEmpty() && pids.size() != targets.size()) {
            throw new UserError(
                    "there are " + targets.size() + " targets and " + pids.size() + " --pid; give one for each");
        }
        List<RelaySettings> loads = new ArrayList<>();
        for (int i = 0; i < targets.size(); i++) {
            Map<String, String> texts = given();
            texts.put(RelayOption.TARGET.title(), targets.get(i));
            if (!pids.isEmpty()) {
                texts.put(RelayOption.PID.title(), pids.get(i));
            }
            loads.add(RelaySettings.parse(texts));
        }
        return loads;
    }

    /** What was given for the options that stand once; what is the default is left out. */
    private Map<String, String> given() {
        Map<String, String> texts = new HashMap<>();
        for (RelayOption option : RelayOption.values()) {
            OptionSpec found = spec.findOption("--" + option.title());
            Object value = found == null ? null : found.getValue();
            if (value != null
                    && !(value instanceof String[])
                    && !String.valueOf(value).equals(option.usual())) {
                texts.put(option.title(), String.valueOf(value));
            }
        }
        return texts;
    }

    private List<String> several(RelayOption option) {
        OptionSpec found = spec.findOption("--" + option.title());
        return found != null && found.getValue() instanceof String[] values ? Arrays.asList(values) : List.of();
    }
}
