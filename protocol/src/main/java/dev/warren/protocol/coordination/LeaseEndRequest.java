package dev.warren.protocol.coordination;

/**
 * Body of {@code POST /v1/lease/end}: a relay stops, and leaves the map at once. Signed by the relay's identity.
 *
 * @param reason for people
 */
public record LeaseEndRequest(String reason) {
    private static final int MAX_REASON = 255;

    /** Checks the length; throws {@link CoordinationFormatException}. */
    public LeaseEndRequest {
        Checks.text("reason", MAX_REASON, reason);
    }
}
