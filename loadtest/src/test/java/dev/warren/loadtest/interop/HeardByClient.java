package dev.warren.loadtest.interop;

import dev.warren.platform.net.DerpClient;
import dev.warren.protocol.derp.PeerGoneReason;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Hex;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What a client was told, as text. */
final class HeardByClient implements DerpClient.Listener {
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    @Override
    public void connected(int region) {
        events.add("connected");
    }

    @Override
    public void packet(int region, NodePublicKey source, byte[] buffer, int offset, int length) {
        events.add(source.shortText() + " " + Hex.text(buffer, offset, length));
    }

    @Override
    public void peerGone(int region, NodePublicKey peer, PeerGoneReason reason) {
        events.add(peer.shortText() + " " + reason);
    }

    @Override
    public void disconnected(int region, String reason) {
        events.add("disconnected: " + reason);
    }

    String next() throws InterruptedException {
        return String.valueOf(events.poll(15, TimeUnit.SECONDS));
    }
}
