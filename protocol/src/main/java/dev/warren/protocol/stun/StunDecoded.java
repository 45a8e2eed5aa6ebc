package dev.warren.protocol.stun;

/** What {@link StunCodec#decode} makes of bytes: a {@link StunMessage}, or the reason why they are none. */
public sealed interface StunDecoded permits StunMessage, NotStun {}
