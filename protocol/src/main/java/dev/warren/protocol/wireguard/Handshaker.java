package dev.warren.protocol.wireguard;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The handshake path of a device: sends and takes the first three kinds of message (paper sections 5.3 and 5.4). */
final class Handshaker {
    /** DSCP AF41, as the kernel sends handshakes. */
    private static final int TRAFFIC_CLASS = 0x88;

    /** Opens the first message, as far as it can be without knowing the peer; null when it is not authentic. */
    @FunctionalInterface
    interface Opener {
        @Nullable
        ResponderHandshake open(LocalIdentity me, InitiationMessage initiation);
    }

    private final Device device;
    private final Opener opener;
    private final HandshakeIntake intake;
    private final byte[] outgoing = new byte[InitiationMessage.LENGTH];
    private final MemorySegment outgoingMemory = MemorySegment.ofArray(outgoing);

    Handshaker(Device device, Opener opener) {
        this.device = device;
        this.opener = opener;
        this.intake = new HandshakeIntake(device);
    }

    /** Where messages come in. */
    HandshakeIntake intake() {
        return intake;
    }

    /** Works on one message; false when none waits. */
    boolean work(long nowNanos) {
        HandshakeQueue.Waiting next = intake.take(nowNanos);
        if (next == null) {
            return false;
        }
        if (next.type == MessageType.COOKIE_REPLY) {
            receiveCookieReply(next.bytes, nowNanos);
            return true;
        }
        LocalIdentity addressee = intake.admit(next, nowNanos);
        if (addressee != null && next.type == MessageType.INITIATION) {
            receiveInitiation(addressee, next.bytes, next.origin, nowNanos);
        } else if (addressee != null) {
            receiveResponse(next.bytes, next.origin, nowNanos);
        }
        return true;
    }

    /** Sends an initiation, or puts it off when the last handshake message is too fresh. */
    void initiate(Peer peer, boolean retry, long nowNanos) {
        if (!device.hasPrivateKey()) {
            return;
        }
        if (!retry) {
            peer.timers().handshakeWanted();
        }
        long earliestNanos = peer.handshakes().mayInitiateAtNanos();
        if (nowNanos < earliestNanos) {
            peer.timers().handshakePutOff(earliestNanos);
            return;
        }
        // Not only at retries: packets that come all the time begin anew before the timer has its turn.
        boolean isUnanswered =
                peer.handshakes().inFlight() != null && peer.timers().isSilent();
        if (retry || isUnanswered) {
            peer.setSource(null); // the address it names may be the reason why nothing comes back
        }
        if (isUnanswered) {
            device.output().unanswered(peer, nowNanos);
        }
        peer.handshakes().sent(nowNanos);
        peer.handshakes().abandon();
        int unanswered = peer.handshakes().unanswered();
        StaticPeer towards = peer.keys().forInitiation(unanswered);
        LocalIdentity me =
                device.ownKeys().forInitiation(unanswered / peer.keys().count());
        int index = device.indices().add(new Indexed(peer, null));
        InitiatorHandshake.Started started = InitiatorHandshake.start(
                me, towards, index, nowNanos, device.timestampNanos(nowNanos), device.random());
        if (started == null) {
            device.indices().remove(index);
            device.drop(DropReason.UNUSABLE_PEER_KEY);
            peer.dropStaged(DropReason.UNUSABLE_PEER_KEY);
            return;
        }
        peer.handshakes().start(started.handshake());
        started.message().encode(outgoing, 0);
        peer.timers().handshakeInitiated(nowNanos);
        transmit(peer, towards, InitiationMessage.LENGTH, nowNanos);
    }

    /** Takes a message of the first kind. */
    private void receiveInitiation(LocalIdentity addressee, byte[] bytes, Origin origin, long nowNanos) {
        InitiationMessage message = InitiationMessage.decode(bytes, 0, bytes.length);
        ResponderHandshake handshake = message == null ? null : opener.open(addressee, message);
        if (handshake == null) {
            device.drop(DropReason.NOT_AUTHENTIC);
            return;
        }
        Peer peer = device.peerOf(handshake.initiator());
        StaticPeer from = peer == null ? null : peer.keys().of(handshake.initiator());
        if (peer == null || from == null) {
            device.drop(DropReason.UNKNOWN_PEER);
        } else if (isFreshInitiation(peer, from, handshake, nowNanos)) {
            peer.countReceived(bytes.length);
            peer.knowsUsAs(addressee.publicKey());
            if (from == peer.keys().pending()) {
                device.adoptPendingKey(peer);
            }
            device.output().authenticated(peer, origin, true, nowNanos);
            respond(peer, from, handshake, nowNanos);
            peer.timers().authenticatedReceived(nowNanos);
            device.reschedule(peer);
        }
        handshake.wipe();
    }

    /** Takes a message of the second kind. */
    private void receiveResponse(byte[] bytes, Origin origin, long nowNanos) {
        ResponseMessage message = ResponseMessage.decode(bytes, 0, bytes.length);
        Indexed indexed = message == null ? null : device.indices().get(message.receiver());
        InitiatorHandshake handshake =
                indexed == null ? null : indexed.peer().handshakes().inFlight();
        if (message == null || indexed == null || handshake == null || indexed.session() != null) {
            device.drop(DropReason.UNKNOWN_INDEX);
            return;
        }
        Peer peer = indexed.peer();
        SessionKeys keys = handshake.finish(device.ciphers(), peer.presharedKeys(), message);
        if (keys == null) {
            device.drop(DropReason.NOT_AUTHENTIC);
            return;
        }
        peer.handshakes().finish();
        peer.knowsUsAs(handshake.me().publicKey());
        peer.keys().answered(handshake.towards());
        Session session = new Session(peer, keys, nowNanos);
        device.indices().replace(keys.localIndex(), new Indexed(peer, session));
        peer.keypairs().startAsInitiator(session, nowNanos);
        if (device.ownKeys().isOld(handshake.me().publicKey())
                && peer.handshakes().unanswered() == 0) {
            // Begun before our key was changed. One that falls back to the old key is not the first try since then.
            peer.keypairs().wantRenewal();
        }
        peer.countReceived(bytes.length);
        peer.timers().sessionDerived(nowNanos);
        peer.timers().authenticatedReceived(nowNanos);
        peer.handshakeComplete(device.unixNanos(nowNanos));
        device.output().authenticated(peer, origin, true, nowNanos);
        device.output().established(peer, nowNanos);
        // The responder may not send until it has heard something under the new keys (paper section 6.5).
        device.transport().sendKeepalive(peer, nowNanos);
        device.reschedule(peer);
    }

    /** Takes a message of the third kind. It changes no timer: the cookie goes into the next retry. */
    private void receiveCookieReply(byte[] bytes, long nowNanos) {
        CookieReplyMessage message = CookieReplyMessage.decode(bytes, 0, bytes.length);
        Indexed indexed = message == null ? null : device.indices().get(message.receiver());
        if (message == null || indexed == null || !indexed.peer().keys().acceptCookie(message, nowNanos)) {
            device.drop(DropReason.BAD_COOKIE_REPLY);
        }
    }

    /** Opens the timestamp, and with it proves the sender; drops what is replayed or comes too often. */
    private boolean isFreshInitiation(Peer peer, StaticPeer from, ResponderHandshake handshake, long nowNanos) {
        byte[] timestamp = handshake.timestamp(from);
        if (timestamp == null) {
            device.drop(DropReason.NOT_AUTHENTIC);
        } else if (!peer.handshakes().isNewer(timestamp)) {
            device.drop(DropReason.OLD_TIMESTAMP);
        } else if (peer.handshakes().isFlooding(nowNanos)) {
            device.drop(DropReason.INITIATION_FLOOD);
        } else {
            peer.handshakes().received(timestamp, nowNanos);
            return true;
        }
        return false;
    }

    private void respond(Peer peer, StaticPeer from, ResponderHandshake handshake, long nowNanos) {
        int index = device.indices().add(new Indexed(peer, null));
        ResponderHandshake.Finished finished =
                handshake.respond(device.ciphers(), peer.presharedKeys().forResponse(), index, device.random());
        if (finished == null) {
            device.indices().remove(index);
            device.drop(DropReason.NOT_AUTHENTIC);
            return;
        }
        Session session = new Session(peer, finished.keys(), nowNanos);
        device.indices().replace(index, new Indexed(peer, session));
        peer.keypairs().startAsResponder(session, nowNanos);
        peer.handshakes().sent(nowNanos);
        peer.timers().sessionDerived(nowNanos);
        finished.message().encode(outgoing, 0);
        transmit(peer, from, ResponseMessage.LENGTH, nowNanos);
    }

    private void transmit(Peer peer, StaticPeer to, int length, long nowNanos) {
        to.cookies().stamp(outgoing, 0, length, nowNanos);
        peer.timers().authenticatedSent(nowNanos);
        device.transmit(peer, outgoingMemory, 0, length, TRAFFIC_CLASS);
    }
}
