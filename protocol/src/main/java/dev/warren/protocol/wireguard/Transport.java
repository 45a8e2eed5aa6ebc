package dev.warren.protocol.wireguard;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The data path of a device: seals what comes from the TUN, opens what comes from peers. */
final class Transport {
    private final Device device;
    /** Where packets are sealed that do not lie in the caller's memory: staged ones and keepalives. */
    private final MemorySegment scratch;

    Transport(Device device) {
        this.device = device;
        this.scratch = Arena.ofAuto().allocate(Device.HEADROOM + StagingQueue.MAX_PACKET_BYTES + Device.TAILROOM);
    }

    /** One packet from the TUN; see {@link Device#sendPacket}. */
    void send(MemorySegment memory, long offset, int length, long nowNanos) {
        int version = InnerPacket.version(memory, offset, length);
        if (version == 0) {
            device.drop(DropReason.NOT_IP);
            return;
        }
        long destinationAt = offset + InnerPacket.destinationAt(version);
        Peer peer = device.allowedIps().lookup(memory, destinationAt, InnerPacket.addressLength(version));
        if (peer == null) {
            device.drop(DropReason.NO_PEER);
            device.output().unreachable(memory, offset, length);
            return;
        }
        if (isOwnMessage(peer, version, memory, offset, length)) {
            device.drop(DropReason.ROUTING_LOOP);
            return;
        }
        if (!device.output().hasWay(peer)) {
            device.drop(DropReason.NO_ENDPOINT);
            device.output().unreachable(memory, offset, length);
            return;
        }
        Session current = peer.keypairs().current();
        if (current != null && current.maySend(nowNanos) && peer.staged().isEmpty()) {
            sealAndTransmit(peer, current, memory, offset, length, nowNanos);
        } else {
            stage(peer, memory, offset, length);
            sendStaged(peer, nowNanos);
        }
        device.reschedule(peer);
    }

    /**
     * Whether the packet is one of this device's messages for {@code peer}: the route to the peer's endpoint leads into the
     * tunnel to it. By its index, which nobody else has, as there are good reasons for WireGuard in WireGuard.
     */
    private boolean isOwnMessage(Peer peer, int version, MemorySegment memory, long offset, int length) {
        int payloadAt = InnerPacket.udpPayloadAt(version, memory, offset, length);
        if (payloadAt < 0 || length - payloadAt < DataMessage.HEADER_LENGTH) {
            return false;
        }
        long messageAt = offset + payloadAt;
        int type = DataMessage.type(memory, messageAt);
        // Behind the type is an index: the receiver's in data, the sender's in the first two messages.
        int index = DataMessage.receiver(memory, messageAt);
        if (type == MessageType.DATA.code()) {
            return peer.keypairs().hasRemoteIndex(index);
        }
        boolean isHandshake = type == MessageType.INITIATION.code() || type == MessageType.RESPONSE.code();
        Indexed sender = isHandshake ? device.indices().get(index) : null;
        return sender != null && sender.peer() == peer;
    }

    /** An empty packet, unless packets are waiting that do the same; starts a handshake when there is no session. */
    void sendKeepalive(Peer peer, long nowNanos) {
        Session current = peer.keypairs().current();
        if (!peer.staged().isEmpty()) {
            sendStaged(peer, nowNanos);
        } else if (current != null && current.maySend(nowNanos)) {
            sealAndTransmit(peer, current, scratch, DataMessage.HEADER_LENGTH, 0, nowNanos);
        } else {
            stage(peer, scratch, 0, 0);
            sendStaged(peer, nowNanos);
        }
    }

    /** See {@link Device#announce}. */
    void announce(Peer peer, long sleptNanos, long nowNanos) {
        Session before = peer.keypairs().current();
        boolean wasOpen = before != null && before.maySend(nowNanos - sleptNanos);
        if (sleptNanos > 0) {
            // What became due in the sleep comes first: it may take keys away, and not those that are made now.
            peer.timers().poll(nowNanos, new TimerActions(device, peer, nowNanos));
        }
        boolean isWaiting = peer.handshakes().inFlight() != null;
        if (peer.hasSession(nowNanos)) {
            sendKeepalive(peer, nowNanos);
        } else if (wasOpen) {
            stage(peer, scratch, 0, 0);
        }
        if (isWaiting || !peer.staged().isEmpty()) {
            peer.handshakes().hasten();
            device.handshaker().initiate(peer, false, nowNanos);
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
            byte[] packet = peer.staged().poll();
            if (packet != null) {
                MemorySegment.copy(packet, 0, scratch, JAVA_BYTE, DataMessage.HEADER_LENGTH, packet.length);
                sealAndTransmit(peer, current, scratch, DataMessage.HEADER_LENGTH, packet.length, nowNanos);
            }
        }
    }

    /** One data message; see {@link Device#receive}. */
    void receive(MemorySegment memory, long offset, int length, int ecn, Origin origin, long nowNanos) {
        Indexed indexed = device.indices().get(DataMessage.receiver(memory, offset));
        Session session = indexed == null ? null : indexed.session();
        if (session == null) {
            device.drop(DropReason.UNKNOWN_INDEX);
        } else if (session.isExpired(nowNanos)) {
            device.drop(DropReason.SESSION_EXPIRED);
        } else if (!session.open(memory, offset, length)) {
            device.drop(DropReason.NOT_AUTHENTIC);
        } else if (!session.accept(DataMessage.counter(memory, offset))) {
            device.drop(DropReason.REPLAYED);
        } else {
            authenticated(session, length, origin, nowNanos);
            if (length > DataMessage.OVERHEAD) {
                deliver(session.peer(), memory, offset, length, ecn, nowNanos);
            }
            device.reschedule(session.peer());
        }
    }

    private void authenticated(Session session, int length, Origin origin, long nowNanos) {
        Peer peer = session.peer();
        peer.countReceived(length);
        device.output().authenticated(peer, origin, false, nowNanos);
        if (peer.keypairs().confirm(session, nowNanos)) {
            peer.handshakes().abandon();
            peer.handshakeComplete(device.unixNanos(nowNanos));
            device.output().established(peer, nowNanos);
            if (device.ownKeys().isOld(peer.ownKeyInUse())) {
                peer.keypairs().wantRenewal(); // the peer has yet to see our new key, which only we can show it
            }
            sendStaged(peer, nowNanos);
        }
        if (session == peer.keypairs().current()
                && session.isDueOnReceive(nowNanos)
                && peer.handshakes().askToRenewOnReceive()) {
            device.handshaker().initiate(peer, false, nowNanos);
        }
        peer.timers().authenticatedReceived(nowNanos);
    }

    private void deliver(Peer peer, MemorySegment memory, long offset, int length, int ecn, long nowNanos) {
        peer.timers().dataReceived(nowNanos);
        long packetAt = offset + DataMessage.HEADER_LENGTH;
        int paddedLength = length - DataMessage.OVERHEAD;
        int version = InnerPacket.version(memory, packetAt, paddedLength);
        int packetLength = version == 0 ? -1 : InnerPacket.trimmedLength(version, memory, packetAt, paddedLength);
        if (packetLength < 0) {
            device.drop(DropReason.BAD_INNER_PACKET);
            return;
        }
        long sourceAt = packetAt + InnerPacket.sourceAt(version);
        if (device.allowedIps().lookup(memory, sourceAt, InnerPacket.addressLength(version)) != peer) {
            device.drop(DropReason.WRONG_SOURCE);
            return;
        }
        if (!Ecn.decapsulate(version, memory, packetAt, ecn)) {
            device.drop(DropReason.CONGESTION_MARK);
            return;
        }
        device.output().deliver(peer, memory, packetAt, packetLength);
    }

    private void stage(Peer peer, MemorySegment memory, long offset, int length) {
        int pushedOut = peer.staged().add(memory, offset, length);
        for (int i = 0; i < pushedOut; i++) {
            device.drop(DropReason.STAGING_FULL);
        }
    }

    /** Seals the packet at {@code packetAt}, which has room before and behind it. */
    private void sealAndTransmit(
            Peer peer, Session session, MemorySegment memory, long packetAt, int length, long nowNanos) {
        int trafficClass = length == 0 ? 0 : InnerPacket.ecn(memory, packetAt);
        int paddedLength = DataMessage.paddedLength(length, device.mtu());
        for (long at = packetAt + length; at < packetAt + paddedLength; at++) {
            memory.set(JAVA_BYTE, at, (byte) 0);
        }
        long start = packetAt - DataMessage.HEADER_LENGTH;
        int messageLength = session.seal(memory, start, paddedLength);
        peer.timers().authenticatedSent(nowNanos);
        if (length > 0) {
            peer.timers().dataSent(nowNanos);
        }
        device.transmit(peer, memory, start, messageLength, trafficClass);
        if (session.isDueOnSend(nowNanos)) {
            device.handshaker().initiate(peer, false, nowNanos);
        }
    }
}
