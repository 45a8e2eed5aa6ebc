package dev.warren.protocol.coordination;

import dev.warren.protocol.derp.DerpMap;
import java.util.List;

/**
 * Answer to {@code POST /v1/register}.
 *
 * @param version of the coordination protocol that both sides use from here on
 * @param features that the coordinator has
 * @param mesh which mesh this is
 * @param self the node as the coordinator holds it
 * @param relays where the relays are
 */
public record RegisterAnswer(int version, List<String> features, MeshId mesh, NodeRecord self, DerpMap relays) {
    /** Copies the list. */
    public RegisterAnswer {
        features = List.copyOf(features);
    }
}
