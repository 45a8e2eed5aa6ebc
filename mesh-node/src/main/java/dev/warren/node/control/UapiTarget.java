package dev.warren.node.control;

/**
 * What a {@link UapiServer} shows and changes. Called on the executor that the server was given, one call at a time.
 */
public interface UapiTarget {
    /** The interface as it is now. */
    UapiDeviceView view();

    /** Throws when the request is not allowed as a whole; changes nothing. */
    void check(UapiSet set) throws UapiException;

    /**
     * Makes the changes of a request that {@link #check} allowed, or of a part of it; throws when it fails, and what
     * came before stays changed. The keys in {@code set} are wiped after the call.
     */
    void apply(UapiSet set) throws UapiException;
}
