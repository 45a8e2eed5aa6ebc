package dev.warren.platform.config;

/** Where a setting's value is from, strongest first. */
sealed interface Source {
    /** The command line. */
    record Flag() implements Source {
        @Override
        public String toString() {
            return "the command line";
        }
    }

    /** An environment variable. */
    record Variable(String name) implements Source {
        @Override
        public String toString() {
            return name;
        }
    }

    /** A line of the configuration file. */
    record Line(String file, int line) implements Source {
        @Override
        public String toString() {
            return file + ":" + line;
        }
    }

    /** Nobody said anything. */
    record BuiltIn() implements Source {
        @Override
        public String toString() {
            return "default";
        }
    }
}
