package dev.warren.node.control;

import dev.warren.platform.config.UserError;
import dev.warren.protocol.coordination.JoinToken;
import dev.warren.protocol.coordination.MeshId;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

    /**
     * What a node with this in its state folder and this token is to run with: the token's, which may know newer addresses,
     * before what is {@code held}. Throws {@link UserError} when there is neither, or when they are of two meshes.
     */
    static Membership choose(@Nullable Membership held, @Nullable JoinToken token) {
        if (token == null) {
            if (held == null) {
                throw new UserError("this node is in no mesh yet: start it once with --token TOKEN, made by"
                        + " \"warren coordinator token create\"");
            }
            return held;
        }
        if (held != null && !token.mesh().equals(held.mesh())) {
            throw new UserError("the token is for another mesh than the one that this state folder belongs to:"
                    + " leave the token out, or name another --state-dir");
        }
        return of(token);
    }
}
