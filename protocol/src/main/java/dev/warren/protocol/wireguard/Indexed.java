package dev.warren.protocol.wireguard;

import org.jspecify.annotations.Nullable;

/**
 * What a local index stands for: a peer's handshake in flight, and in its place later the session it became.
 *
 * @param peer whose it is
 * @param session null while the handshake is in flight
 */
record Indexed(Peer peer, @Nullable Session session) {}
