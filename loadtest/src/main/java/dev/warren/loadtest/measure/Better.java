package dev.warren.loadtest.measure;

/** Which way a figure improves. */
public enum Better {
    /** More is better, as with throughput. */
    HIGHER,
    /** Less is better, as with latency or cost. */
    LOWER,
    /** It describes the run and is not compared. */
    NEITHER
}
