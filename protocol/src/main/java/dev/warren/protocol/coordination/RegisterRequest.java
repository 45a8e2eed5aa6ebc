package dev.warren.protocol.coordination;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Body of {@code POST /v1/register}: a node joins, or comes back with new keys.
 *
 * @param version of the coordination protocol that the node speaks
 * @param features that the node has
 * @param hostName what the node would like to be called
 * @param software name and version of the program, for people
 * @param record the node's own statement, signed
 * @param token the secret of a join token; needed when the coordinator does not know the identity yet
 */
public record RegisterRequest(
        int version,
        List<String> features,
        String hostName,
        String software,
        SignedNodeRecord record,
        @Nullable String token) {
    private static final int MAX_FEATURES = 64;
    private static final int MAX_TEXT = 255;

    /** Checks the bounds; throws {@link CoordinationFormatException}. */
    public RegisterRequest {
        features = Checks.atMost("features", MAX_FEATURES, features);
        Checks.text("hostName", MAX_TEXT, hostName);
        Checks.text("software", MAX_TEXT, software);
        if (token != null) {
            Checks.text("token", MAX_TEXT, token);
        }
    }

    /** Without the token, which is a secret. */
    @Override
    public String toString() {
        return "RegisterRequest[version=" + version + ", hostName=" + hostName + ", software=" + software + "]";
    }
}
