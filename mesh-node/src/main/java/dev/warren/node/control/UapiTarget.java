package dev.warren.node.control;

/**
 * What a {@link UapiServer} shows and changes. Called on the executor that the server was given, one call at a time.
 */
public interface UapiTarget {
    /** The interface as it is now. */
    UapiDeviceView view();

    /**
     * Makes the changes of one request; throws when it refuses or fails, and what came before may stay changed. The
     * keys in {@code set} are wiped after the call.
     */
    void apply(UapiSet set) throws UapiException;
}
