package dev.warren.protocol.wireguard;

import dev.warren.protocol.crypto.PacketCipher;

/**
 * What a finished handshake leaves.
 *
 * @param initiator whether we sent the first message
 * @param localIndex ours
 * @param remoteIndex the peer's
 * @param sealing the sending direction
 * @param opening the receiving direction
 */
record SessionKeys(boolean initiator, int localIndex, int remoteIndex, PacketCipher sealing, PacketCipher opening) {}
