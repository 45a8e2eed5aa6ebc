package dev.warren.loadtest.demo;

import dev.warren.platform.config.UserError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The script that starts programs: the demo starts them as a user does. */
record Launcher(Path script) {
    private static final String VARIABLE = "WARREN_LAUNCHER";

    /** The launcher that started this program. */
    static Launcher of(Map<String, String> environment) {
        String script = environment.get(VARIABLE);
        if (script == null || !Files.isExecutable(Path.of(script))) {
            throw new UserError("start the demo with \"./warren demo\": it starts the other programs the same way");
        }
        return new Launcher(Path.of(script));
    }

    /** The command line for a program of Warren. */
    List<String> command(String... arguments) {
        List<String> all = new ArrayList<>(List.of(script.toString()));
        all.addAll(List.of(arguments));
        return all;
    }
}
