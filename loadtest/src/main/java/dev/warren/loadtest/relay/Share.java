package dev.warren.loadtest.relay;

import dev.warren.platform.linux.LinuxException;

/** What one thread does in a run. All but {@link #done} is called on that thread. */
interface Share<T> extends AutoCloseable {
    /** Gets everything ready. */
    void prepare() throws LinuxException;

    /** Runs by the schedule, which all threads have in common. */
    T run(Schedule schedule) throws LinuxException;

    /** How many packets or connections it has done so far, for progress; from any thread. */
    long done();

    @Override
    void close();
}
