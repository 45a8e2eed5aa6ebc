package dev.warren.node.engine;

import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.NodePrivateKey;

/**
 * What an engine is from its start on.
 *
 * @param nodeKey the WireGuard key, which is also the address on relays
 * @param discoKey new with each start of the process
 * @param mtuBytes of the TUN device
 */
public record EngineConfig(NodePrivateKey nodeKey, DiscoPrivateKey discoKey, int mtuBytes) {}
