package dev.warren.node.control;

import dev.warren.protocol.coordination.JoinToken;
import dev.warren.protocol.coordination.MeshId;
import java.net.URI;
import java.util.List;

/**
 * What stays of a join token after the join: how to find the coordinator again, and how to know it. No secret.
 *
 * @param mesh which mesh
 * @param urls of its coordinators
 * @param pins of their certificates, in text form
 */
public record Membership(MeshId mesh, List<URI> urls, List<String> pins) {
    /** Copies the lists. */
    public Membership {
        urls = List.copyOf(urls);
        pins = List.copyOf(pins);
    }

    static Membership of(JoinToken token) {
        return new Membership(token.mesh(), token.urls(), token.pins());
    }
}
