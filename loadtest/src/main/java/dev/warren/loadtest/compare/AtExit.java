package dev.warren.loadtest.compare;

/** Sees to it that the servers end when this program is ended from outside, by ctrl-C for one. */
record AtExit(Thread hook) implements AutoCloseable {

    /** From now until closed, {@code servers} are closed when the JVM ends. */
    static AtExit close(Servers servers) {
        AtExit atExit = new AtExit(Thread.ofPlatform().name("end-servers").unstarted(servers::close));
        Runtime.getRuntime().addShutdownHook(atExit.hook);
        return atExit;
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            // It runs already.
        }
    }
}
