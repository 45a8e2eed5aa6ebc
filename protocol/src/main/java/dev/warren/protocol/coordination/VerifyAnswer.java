package dev.warren.protocol.coordination;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Answer to {@link VerifyRequest}, in derper's form (derp.md section 2.7). */
public record VerifyAnswer(@JsonProperty("Allow") boolean allow) {}
