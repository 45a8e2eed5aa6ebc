package dev.warren.protocol.wireguard;

/**
 * What a peer's expired timers do.
 *
 * @param device whose peer it is
 * @param peer whose timers they are
 * @param nowNanos monotonic
 */
record TimerActions(Device device, Peer peer, long nowNanos) implements PeerTimers.Actions {
    @Override
    public void retryHandshake() {
        device.handshaker().initiate(peer, true, nowNanos);
    }

    @Override
    public void giveUpHandshake() {
        peer.dropStaged(DropReason.HANDSHAKE_GIVEN_UP);
    }

    @Override
    public void sendKeepalive() {
        device.transport().sendKeepalive(peer, nowNanos);
    }

    @Override
    public void startHandshake() {
        peer.setSource(null);
        if (peer.handshakes().inFlight() == null) {
            device.output().unanswered(peer, nowNanos); // otherwise the initiation in flight tells
        }
        device.handshaker().initiate(peer, false, nowNanos);
    }

    @Override
    public void wipeKeys() {
        peer.wipeKeys();
    }
}
