package dev.warren.protocol.coordination;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.warren.protocol.key.NodePublicKey;
import org.jspecify.annotations.Nullable;

/**
 * Body of {@code POST /v1/verify}, in derper's form: may this node use the relay? (derp.md section 2.7)
 *
 * @param nodePublic the client's node key
 * @param source the client's IP address as text, for logs; null = not told
 */
public record VerifyRequest(
        @JsonProperty("NodePublic") NodePublicKey nodePublic, @JsonProperty("Source") @Nullable String source) {}
