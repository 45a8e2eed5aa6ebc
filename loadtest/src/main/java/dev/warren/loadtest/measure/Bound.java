package dev.warren.loadtest.measure;

/** How a ratio that was found relates to the true one. */
public enum Bound {
    /** It is the ratio. */
    EXACT,
    /** The true ratio may be greater: the generator held A down. */
    AT_LEAST,
    /** The true ratio may be smaller: the generator held B down. */
    AT_MOST
}
