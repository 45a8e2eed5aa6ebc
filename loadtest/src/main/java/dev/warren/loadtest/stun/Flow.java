package dev.warren.loadtest.stun;

import dev.warren.platform.linux.Errno;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.ReceiveBatch;
import dev.warren.platform.linux.SendBatch;
import dev.warren.platform.linux.UdpSocket;
import java.nio.ByteBuffer;

/** One socket of the load, and its requests. */
final class Flow implements AutoCloseable {
    private final int number;
    private final UdpSocket socket;
    private final Health health;
    private final RequestTemplate template;
    private final AnswerCheck check;
    private final byte[] scratch;
    private final RequestRing ring;
    private final SendBatch waiting;
    private final Tally tally;
    private final UdpSocket.Refused refused;
    private final byte[] train;
    private final int most;
    private final boolean segmented;
    private int queued;
    private int inFlight;
    private long nowNanos;

    /** Ties {@code opened} together with what all flows share. */
    Flow(int number, OpenSocket opened, Shared shared) {
        this.number = number;
        this.socket = opened.socket();
        this.health = opened.health();
        this.template = shared.template();
        this.scratch = shared.scratch().array();
        this.tally = shared.tally();
        this.check = new AnswerCheck(scratch, shared.prefix(), number, opened.own());
        this.ring = new RequestRing(shared.ringSize());
        this.most = shared.batch();
        this.train = new byte[most * template.length()];
        this.segmented = opened.segmented();
        this.waiting = segmented ? new SendBatch(1, train.length) : new SendBatch(most, template.length());
        this.refused = (_, errno) -> noteRefusal(errno);
    }

    /** What all flows of a run use. */
    record Shared(RequestTemplate template, int prefix, ByteBuffer scratch, int ringSize, int batch, Tally tally) {}

    /** Its place among the flows, from 0 on. */
    int number() {
        return number;
    }

    int descriptor() {
        return socket.descriptor();
    }

    int inFlight() {
        return inFlight;
    }

    Health health() {
        return health;
    }

    /** Whether {@link #ask} takes one more before the next {@link #flush}. */
    boolean hasRoom() {
        return queued < most && !ring.isFull();
    }

    /** Puts a request that should go out at {@code atNanos} into the batch. */
    void ask(long atNanos, long nowNanos) {
        byte[] request = template.stamp(number, ring.add(atNanos));
        System.arraycopy(request, 0, train, queued++ * request.length, request.length);
        inFlight++;
        health.asked();
        tally.sent(atNanos, nowNanos - atNanos);
    }

    /** Sends the batch. What the kernel doesn't take now stays in it for the next time. */
    void flush(long nowNanos) throws LinuxException {
        if (queued == 0) {
            return;
        }
        if (waiting.size() == 0) {
            int length = segmented ? queued * template.length() : template.length();
            for (int at = 0; at < queued * template.length(); at += length) {
                waiting.add(train, at, length);
            }
        }
        this.nowNanos = nowNanos;
        if (socket.send(waiting, refused)) {
            queued = 0;
        }
    }

    /** Reads what is there into {@code batch}; gives how many datagrams. */
    int read(ReceiveBatch batch, long nowNanos) throws LinuxException {
        int count = socket.receive(batch);
        int error = socket.receiveError();
        if (error != 0 && error != Errno.EAGAIN.number() && error != Errno.EINTR.number()) {
            this.nowNanos = nowNanos;
            noteRefusal(error);
        }
        return count;
    }

    /** Takes the datagrams that {@link #read} brought. */
    void take(ReceiveBatch batch, int count, long nowNanos) {
        for (int i = 0; i < count; i++) {
            int length = batch.length(i);
            if (length < 0) {
                wrong(Wrong.NOT_STUN, nowNanos);
            } else {
                batch.copy(i, scratch, 0);
                answer(length, nowNanos);
            }
        }
    }

    /** Gives up what was to be sent before {@code beforeNanos} and has no answer. */
    void expire(long beforeNanos) {
        for (long at = ring.expire(beforeNanos); at != 0; at = ring.expire(beforeNanos)) {
            inFlight--;
            tally.lost(at);
        }
    }

    @Override
    public void close() {
        socket.close();
    }

    private void answer(int length, long nowNanos) {
        Wrong header = check.checkHeader(length);
        if (header != null) {
            wrong(header, nowNanos);
            return;
        }
        long at = ring.take(check.sequence());
        if (at == RequestRing.UNKNOWN) {
            wrong(Wrong.UNKNOWN_ID, nowNanos);
        } else if (at == RequestRing.ANSWERED) {
            tally.duplicate(nowNanos);
        } else {
            answer(length, at, nowNanos);
        }
    }

    private void answer(int length, long at, long nowNanos) {
        boolean late = at < 0;
        if (!late) {
            inFlight--;
        }
        Wrong body = check.check(length);
        if (body != null) {
            wrong(body, nowNanos);
        } else if (late) {
            health.right();
            tally.late(-at, nowNanos);
        } else {
            health.right();
            tally.answered(at, nowNanos);
        }
    }

    private void wrong(Wrong reason, long nowNanos) {
        health.wrong(reason);
        tally.wrong(reason, nowNanos);
    }

    private void noteRefusal(int errno) {
        health.refused(errno);
        tally.refused(nowNanos);
    }
}
