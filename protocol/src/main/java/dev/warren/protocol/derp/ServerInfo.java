package dev.warren.protocol.derp;

/**
 * What a relay tells a client that it let in.
 *
 * @param version the protocol version; 0 when the relay does not say
 * @param tokenBucketBytesPerSecond how fast the client may send; 0 = no limit
 * @param tokenBucketBytesBurst how much of that it may send at once
 */
public record ServerInfo(int version, int tokenBucketBytesPerSecond, int tokenBucketBytesBurst) {
    /** What a Warren relay says: the version, and no limit. */
    public static ServerInfo unlimited() {
        return new ServerInfo(ClientInfo.VERSION, 0, 0);
    }
}
