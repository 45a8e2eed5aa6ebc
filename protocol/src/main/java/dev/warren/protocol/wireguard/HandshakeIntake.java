package dev.warren.protocol.wireguard;

import dev.warren.protocol.crypto.LittleEndian;
import dev.warren.protocol.wireguard.HandshakeQueue.Line;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The door for handshake messages: decides by what is cheap which of them wait, in which line, and who is asked for a
 * cookie (paper section 5.3). The expensive part, key agreements, is behind it, in {@link Handshaker}.
 *
 * <p>Without being asked for a cookie go: answers to what we sent ourselves, messages from where a peer is expected, those
 * with a right cookie, and the first stranger of a network. All of these are few, whatever comes: they are limited by
 * handshake, by source, or by place.
 */
final class HandshakeIntake {
    /** Where the receiver's index is in a message of the second kind, and in one of the third. */
    private static final int RESPONSE_INDEX_AT = 8;

    private static final int COOKIE_INDEX_AT = 4;

    private final Device device;
    private final HandshakeQueue queue = new HandshakeQueue();
    private final SourceLimiter limiter = new SourceLimiter();
    private final KnownSources known = new KnownSources();
    /** Made when messages have to wait for the first time, as most devices never see that. */
    private @Nullable QuietNetworks networks;

    private final byte[] reply = new byte[CookieReplyMessage.LENGTH];

    HandshakeIntake(Device device) {
        this.device = device;
    }

    KnownSources known() {
        return known;
    }

    /** The interface is down, or all is over: nobody waits any more. */
    void clear() {
        while (queue.take() != null) {
            device.drop(DropReason.INTERFACE_DOWN);
        }
    }

    /** More come than are let through to here. */
    void turnedAway(long nowNanos) {
        queue.noteTurnedAway(nowNanos);
    }

    /** How many wait. */
    int waiting() {
        return queue.length();
    }

    /** Has a copy of a message wait, or drops it. */
    void offer(byte[] buffer, int length, Origin origin, long nowNanos) {
        MessageType type = MessageType.of(buffer, 0, length);
        if (type == null) {
            device.drop(DropReason.MALFORMED);
            return;
        }
        boolean isAlone = queue.length() == 0 && !queue.isBusy(nowNanos);
        Line line = isAlone ? Line.OTHER : line(type, buffer, length, origin, nowNanos);
        if (line == null) {
            return;
        }
        if (!queue.hasRoom(line)) {
            line = Line.OTHER;
        }
        if (!queue.hasRoom(line)) {
            device.drop(DropReason.HANDSHAKE_QUEUE_FULL);
            return;
        }
        queue.add(new HandshakeQueue.Waiting(type, Arrays.copyOf(buffer, length), origin, line));
        queue.noteLoad(nowNanos);
    }

    /** The next message; null when there is none. */
    HandshakeQueue.@Nullable Waiting take(long nowNanos) {
        queue.noteLoad(nowNanos);
        return queue.take();
    }

    /** Which of our keys the message is for; null when it is dropped, or answered by a cookie. */
    @Nullable
    LocalIdentity admit(HandshakeQueue.Waiting message, long nowNanos) {
        byte[] bytes = message.bytes;
        // Not noted at the door: keys may have changed since.
        OwnKeys.Key addressee = device.ownKeys().addressee(bytes, 0, bytes.length);
        if (addressee == null) {
            device.drop(DropReason.BAD_MAC);
            return null;
        }
        if (message.line != Line.OTHER || !queue.isBusy(nowNanos)) {
            return addressee.identity();
        }
        addressee
                .checker()
                .reply(bytes, 0, bytes.length, message.origin, nowNanos)
                .encode(reply, 0);
        device.output().reply(message.origin, reply, 0, CookieReplyMessage.LENGTH);
        device.drop(DropReason.COOKIE_REQUIRED);
        return null;
    }

    /** Where the message is to wait; null when it is dropped. */
    private @Nullable Line line(MessageType type, byte[] buffer, int length, Origin origin, long nowNanos) {
        boolean isAwaited = (type == MessageType.RESPONSE && isAwaited(buffer, RESPONSE_INDEX_AT))
                || (type == MessageType.COOKIE_REPLY && isAwaited(buffer, COOKIE_INDEX_AT));
        if (isAwaited || type == MessageType.COOKIE_REPLY) {
            return isAwaited ? Line.EXPECTED : Line.OTHER;
        }
        boolean isExpected = isExpected(origin);
        boolean hasMac2 = Macs.hasMac2(buffer, 0, length);
        if (!isExpected && !hasMac2 && !networks().isQuiet(origin, nowNanos)) {
            return Line.OTHER;
        }
        // Whoever has no idea of our key gets no place among the few.
        OwnKeys.Key addressee = device.ownKeys().addressee(buffer, 0, length);
        if (addressee == null) {
            device.drop(DropReason.BAD_MAC);
            return null;
        }
        boolean isProved = hasMac2 && addressee.checker().isMac2Valid(buffer, 0, length, origin, nowNanos);
        if ((isExpected || isProved) && limiter.allow(origin, nowNanos)) {
            return Line.EXPECTED;
        }
        if (isProved && queue.isBusy(nowNanos)) {
            device.drop(DropReason.RATE_LIMITED);
            return null;
        }
        if (networks().isQuiet(origin, nowNanos)) {
            networks().heard(origin, nowNanos);
            return Line.STRANGER;
        }
        return Line.OTHER;
    }

    private QuietNetworks networks() {
        if (networks == null) {
            networks = new QuietNetworks(device.random());
        }
        return networks;
    }

    private boolean isExpected(Origin origin) {
        return switch (origin) {
            case Origin.Direct direct -> known.contains(direct.address().getAddress());
            case Origin.ThroughUdpRelay through ->
                known.contains(through.path().server().getAddress());
            // The relay has seen the sender prove its key.
            case Origin.Relayed relayed -> device.peerOf(relayed.key()) != null;
        };
    }

    /** Whether it names a handshake of ours that waits; nobody guesses its number, who does not see our packets. */
    private boolean isAwaited(byte[] buffer, int indexAt) {
        Indexed indexed = device.indices().get(LittleEndian.readInt(buffer, indexAt));
        return indexed != null
                && indexed.session() == null
                && indexed.peer().handshakes().takesOneMoreAnswer();
    }
}
