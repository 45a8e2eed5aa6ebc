package dev.warren.protocol.wireguard;

import java.util.Arrays;

/** The data path of a device: seals what comes from the TUN, opens what comes from peers. */
final class Transport {
    private final Device device;
    private final byte[] keepalive = new byte[DataMessage.OVERHEAD];

    Transport(Device device) {
        this.device = device;
    }

    /** One packet from the TUN; see {@link Device#sendPacket}. */
    void send(byte[] buffer, int offset, int length, long nowNanos) {
        int version = InnerPacket.version(buffer, offset, length);
        if (version == 0) {
            device.drop(DropReason.NOT_IP);
            return;
        }
        int destinationAt = offset + InnerPacket.destinationAt(version);
        Peer peer = device.allowedIps().lookup(buffer, destinationAt, InnerPacket.addressLength(version));
        if (peer == null) {
            device.drop(DropReason.NO_PEER);
            return;
        }
        Session current = peer.keypairs().current();
        if (current != null && current.maySend(nowNanos) && peer.staged().isEmpty()) {
            sealAndTransmit(peer, current, buffer, offset, length, nowNanos);
        } else {
            stage(peer, buffer, offset, length);
            sendStaged(peer, nowNanos);
        }
        device.reschedule(peer);
    }

    /** An empty packet, unless packets are waiting that do the same; starts a handshake when there is no session. */
    void sendKeepalive(Peer peer, long nowNanos) {
        Session current = peer.keypairs().current();
        if (!peer.staged().isEmpty()) {
            sendStaged(peer, nowNanos);
        } else if (current != null && current.maySend(nowNanos)) {
            sealAndTransmit(peer, current, keepalive, DataMessage.HEADER_LENGTH, 0, nowNanos);
        } else {
            stage(peer, keepalive, 0, 0);
            sendStaged(peer, nowNanos);
        }
    }

    /** Sends what was staged, or starts a handshake when there is no session for it. */
    void sendStaged(Peer peer, long nowNanos) {
        while (!peer.staged().isEmpty()) {
            Session current = peer.keypairs().current();
            if (current == null || !current.maySend(nowNanos)) {
                device.handshaker().initiate(peer, false, nowNanos);
                return;
            }
            byte[] slot = peer.staged().poll();
            if (slot != null) {
                int length = StagingQueue.packetLength(slot);
                sealAndTransmit(peer, current, slot, DataMessage.HEADER_LENGTH, length, nowNanos);
            }
        }
    }

    /** One data message; see {@link Device#receive}. */
    void receive(byte[] buffer, int offset, int length, Origin origin, long nowNanos) {
        Indexed indexed = device.indices().get(DataMessage.receiver(buffer, offset));
        Session session = indexed == null ? null : indexed.session();
        if (session == null) {
            device.drop(DropReason.UNKNOWN_INDEX);
        } else if (session.isExpired(nowNanos)) {
            device.drop(DropReason.SESSION_EXPIRED);
        } else if (!session.open(buffer, offset, length)) {
            device.drop(DropReason.NOT_AUTHENTIC);
        } else if (!session.accept(DataMessage.counter(buffer, offset))) {
            device.drop(DropReason.REPLAYED);
        } else {
            authenticated(session, length, origin, nowNanos);
            if (length > DataMessage.OVERHEAD) {
                deliver(session.peer(), buffer, offset, length, nowNanos);
            }
            device.reschedule(session.peer());
        }
    }

    private void authenticated(Session session, int length, Origin origin, long nowNanos) {
        Peer peer = session.peer();
        peer.countReceived(length);
        device.output().authenticated(peer, origin, false, nowNanos);
        if (peer.keypairs().confirm(session)) {
            peer.handshakes().abandon();
            peer.handshakeComplete(device.unixNanos(nowNanos));
            device.output().established(peer, nowNanos);
            sendStaged(peer, nowNanos);
        }
        if (session == peer.keypairs().current()
                && session.isDueOnReceive(nowNanos)
                && peer.handshakes().askToRenewOnReceive()) {
            device.handshaker().initiate(peer, false, nowNanos);
        }
        peer.timers().authenticatedReceived(nowNanos);
    }

    private void deliver(Peer peer, byte[] buffer, int offset, int length, long nowNanos) {
        peer.timers().dataReceived(nowNanos);
        int packetAt = offset + DataMessage.HEADER_LENGTH;
        int paddedLength = length - DataMessage.OVERHEAD;
        int version = InnerPacket.version(buffer, packetAt, paddedLength);
        int packetLength = version == 0 ? -1 : InnerPacket.trimmedLength(version, buffer, packetAt, paddedLength);
        if (packetLength < 0) {
            device.drop(DropReason.BAD_INNER_PACKET);
            return;
        }
        int sourceAt = packetAt + InnerPacket.sourceAt(version);
        if (device.allowedIps().lookup(buffer, sourceAt, InnerPacket.addressLength(version)) != peer) {
            device.drop(DropReason.WRONG_SOURCE);
            return;
        }
        device.output().deliver(peer, buffer, packetAt, packetLength);
    }

    private void stage(Peer peer, byte[] buffer, int offset, int length) {
        int pushedOut = peer.staged().add(buffer, offset, length);
        for (int i = 0; i < pushedOut; i++) {
            device.drop(DropReason.STAGING_FULL);
        }
    }

    /** Seals the packet at {@code packetAt}, which has room before and behind it. */
    private void sealAndTransmit(Peer peer, Session session, byte[] buffer, int packetAt, int length, long nowNanos) {
        int paddedLength = DataMessage.paddedLength(length, device.mtu());
        Arrays.fill(buffer, packetAt + length, packetAt + paddedLength, (byte) 0);
        int start = packetAt - DataMessage.HEADER_LENGTH;
        int messageLength = session.seal(buffer, start, paddedLength);
        peer.timers().authenticatedSent(nowNanos);
        if (length > 0) {
            peer.timers().dataSent(nowNanos);
        }
        device.transmit(peer, buffer, start, messageLength);
        if (session.isDueOnSend(nowNanos)) {
            device.handshaker().initiate(peer, false, nowNanos);
        }
    }
}
