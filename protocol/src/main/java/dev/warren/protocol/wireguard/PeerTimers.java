package dev.warren.protocol.wireguard;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The five timers of a peer as one state machine: it is told what happened and calls back for what is to be done (paper
 * section 6). "Data" is a non-empty packet; "authenticated" is anything proved to be the peer's.
 */
final class PeerTimers {
    /** No deadline. */
    static final long NEVER = Long.MAX_VALUE;

    /** What expired timers ask for. Each call may report events back to the timers. */
    interface Actions {
        /** No answer yet: send another initiation. */
        void retryHandshake();

        /** No answer for 90 s: forget the staged packets. */
        void giveUpHandshake();

        /** Send an empty packet. */
        void sendKeepalive();

        /** The peer does not answer under the current session: start a new one. */
        void startHandshake();

        /** Nothing happened for three lifetimes of a session: wipe all keys. */
        void wipeKeys();
    }

    private final RandomGenerator random;
    private final Timer retransmitHandshake = new Timer();
    private final Timer sendKeepalive = new Timer();
    private final Timer newHandshake = new Timer();
    private final Timer wipeKeys = new Timer();
    private final Timer persistentKeepalive = new Timer();
    private final List<Timer> all =
            List.of(retransmitHandshake, sendKeepalive, newHandshake, wipeKeys, persistentKeepalive);
    private long persistentNanos;
    private int attempts;
    private boolean needAnotherKeepalive;
    private boolean isSilent = true;

    PeerTimers(RandomGenerator random) {
        this.random = random;
    }

    /** When {@link #poll} is due next, or {@link #NEVER}. */
    long nextDeadlineNanos() {
        long earliest = NEVER;
        for (int i = 0; i < all.size(); i++) {
            earliest = Math.min(earliest, all.get(i).deadlineNanos);
        }
        return earliest;
    }

    /** Whether nothing authenticated was received since the last initiation was sent. */
    boolean isSilent() {
        return isSilent;
    }

    /** Retries of the handshake in flight so far. */
    int attempts() {
        return attempts;
    }

    /** Sends an empty packet after so many seconds without any other; 0 switches it off. */
    void setPersistentKeepalive(int seconds) {
        persistentNanos = SECONDS.toNanos(seconds);
        if (seconds == 0) {
            persistentKeepalive.cancel();
        }
    }

    /** A data packet was sent. */
    void dataSent(long nowNanos) {
        if (!newHandshake.isPending()) {
            newHandshake.arm(nowNanos + Constants.NEW_HANDSHAKE_NANOS + jitterNanos());
        }
    }

    /** An authenticated data packet was received. */
    void dataReceived(long nowNanos) {
        if (sendKeepalive.isPending()) {
            needAnotherKeepalive = true;
        } else {
            sendKeepalive.arm(nowNanos + Constants.KEEPALIVE_TIMEOUT_NANOS);
        }
    }

    /** Anything authenticated was sent: data, keepalive or handshake. */
    void authenticatedSent(long nowNanos) {
        sendKeepalive.cancel();
        postponePersistentKeepalive(nowNanos);
    }

    /** Anything authenticated was received. */
    void authenticatedReceived(long nowNanos) {
        isSilent = false;
        newHandshake.cancel();
        postponePersistentKeepalive(nowNanos);
    }

    /** Somebody wants a handshake now, which is not a retry: the count of attempts starts again. */
    void handshakeWanted() {
        attempts = 0;
    }

    /** An initiation was sent. */
    void handshakeInitiated(long nowNanos) {
        isSilent = true;
        retransmitHandshake.arm(nowNanos + Constants.REKEY_TIMEOUT_NANOS + jitterNanos());
    }

    /** An initiation may not be sent before that time; it is not forgotten, and a retry that is due later comes then. */
    void handshakePutOff(long untilNanos) {
        if (!retransmitHandshake.isPending()
                || retransmitHandshake.deadlineNanos > untilNanos + Constants.REKEY_JITTER_NANOS) {
            retransmitHandshake.arm(untilNanos + jitterNanos());
        }
    }

    /** The response was taken, or the first data came under a session of the peer's making. */
    void handshakeComplete() {
        retransmitHandshake.cancel();
        attempts = 0;
    }

    /** New session keys exist. */
    void sessionDerived(long nowNanos) {
        wipeKeys.arm(nowNanos + Constants.WIPE_KEYS_NANOS);
    }

    /** Cancels everything: the peer is removed. */
    void stop() {
        all.forEach(Timer::cancel);
        needAnotherKeepalive = false;
    }

    /** Runs what is due. */
    void poll(long nowNanos, Actions actions) {
        if (retransmitHandshake.expire(nowNanos)) {
            retransmitExpired(nowNanos, actions);
        }
        if (sendKeepalive.expire(nowNanos)) {
            sendKeepaliveExpired(nowNanos, actions);
        }
        if (newHandshake.expire(nowNanos)) {
            actions.startHandshake();
        }
        if (wipeKeys.expire(nowNanos)) {
            actions.wipeKeys();
        }
        if (persistentKeepalive.expire(nowNanos)) {
            postponePersistentKeepalive(nowNanos);
            actions.sendKeepalive();
        }
    }

    private void retransmitExpired(long nowNanos, Actions actions) {
        if (attempts > Constants.MAX_HANDSHAKE_ATTEMPTS) {
            sendKeepalive.cancel();
            if (!wipeKeys.isPending()) {
                wipeKeys.arm(nowNanos + Constants.WIPE_KEYS_NANOS);
            }
            actions.giveUpHandshake();
        } else {
            attempts++;
            actions.retryHandshake();
        }
    }

    private void sendKeepaliveExpired(long nowNanos, Actions actions) {
        actions.sendKeepalive();
        if (needAnotherKeepalive) {
            needAnotherKeepalive = false;
            sendKeepalive.arm(nowNanos + Constants.KEEPALIVE_TIMEOUT_NANOS);
        }
    }

    private void postponePersistentKeepalive(long nowNanos) {
        if (persistentNanos > 0) {
            persistentKeepalive.arm(nowNanos + persistentNanos);
        }
    }

    private long jitterNanos() {
        return random.nextLong(Constants.REKEY_JITTER_NANOS);
    }

    /** One deadline. */
    private static final class Timer {
        private long deadlineNanos = NEVER;

        boolean isPending() {
            return deadlineNanos != NEVER;
        }

        void arm(long newDeadlineNanos) {
            deadlineNanos = newDeadlineNanos;
        }

        void cancel() {
            deadlineNanos = NEVER;
        }

        /** Whether it is due; it is not pending any more then. */
        boolean expire(long nowNanos) {
            boolean due = deadlineNanos <= nowNanos && isPending();
            if (due) {
                cancel();
            }
            return due;
        }
    }
}
