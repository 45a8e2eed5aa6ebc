package dev.warren.platform.linux;

import java.lang.ref.Reference;
import org.jspecify.annotations.Nullable;

/**
 * Sends a {@link GsoBatch}, and finds out what the kernel minds when it refuses a message: the train, the source
 * address, or the datagram. A train that was refused goes out as single datagrams, which the kernel may cut into
 * fragments. Where that gets stuck in a full socket, the next call goes on. Belongs to the batch's thread.
 */
final class GsoFlush {
    private static final int NOT_SINGLY = -1;

    private final GsoBatch batch;
    private @Nullable TrainVector singles;

    /** The next datagram of the first message, while that goes out singly. */
    private int next = NOT_SINGLY;
    /** Whether the first message was refused as a train, for a reason that one of its datagrams may show as another. */
    private boolean isSuspected;

    GsoFlush(GsoBatch batch) {
        this.batch = batch;
    }

    /** Sends all that waits; false when the socket is full. */
    boolean run(int fd, UdpSocket.Refused refused) throws LinuxException {
        try {
            batch.close();
            while (batch.size() > 0) {
                if (next == NOT_SINGLY && goesSingly()) {
                    next = 0;
                }
                int sent = next == NOT_SINGLY ? sendMessages(fd) : sendSingles(fd);
                if (sent > 0) {
                    sent(sent, refused);
                } else if (sent == -Errno.EAGAIN.number()) {
                    return false;
                } else if (sent == -Errno.EBADF.number()) {
                    throw LinuxException.cannot("write to the UDP socket", sent);
                } else if (sent != -Errno.EINTR.number()) {
                    failed(-sent, refused);
                }
            }
            return true;
        } finally {
            Reference.reachabilityFence(this); // and with it the batch, its memories, and the array of singles
        }
    }

    /** The batch holds other messages now. */
    void reset() {
        next = NOT_SINGLY;
        isSuspected = false;
    }

    /** Whether it is known that the first message would be refused as a train. */
    private boolean goesSingly() {
        int head = batch.head();
        return batch.segments(head) > 1
                && (!batch.isGso() || !batch.limits().allow(batch.destination(head), batch.segmentBytes(head)));
    }

    private int sendMessages(int fd) {
        return Libc.sendmmsgAgain(fd, batch.vector().address(batch.head()), batch.size(), 0);
    }

    private int sendSingles(int fd) {
        TrainVector vector = singles();
        int left = fill(vector);
        return Libc.sendmmsgAgain(fd, vector.address(0), left, 0);
    }

    private void sent(int count, UdpSocket.Refused refused) {
        if (next == NOT_SINGLY) {
            batch.remove(count);
            return;
        }
        if (isSuspected) {
            isSuspected = false;
            int head = batch.head();
            batch.limits().refuse(batch.destination(head), batch.segmentBytes(head));
            refused.trainRefused(batch.destination(head), batch.segmentBytes(head));
        }
        advance(count);
    }

    private void failed(int errno, UdpSocket.Refused refused) {
        int head = batch.head();
        boolean isTrain = next == NOT_SINGLY && batch.segments(head) > 1;
        LocalSource source = batch.source(head);
        if (isTrain && errno == Errno.EIO.number()) {
            batch.refuseGso();
            refused.trainsRefused(batch.destination(head));
        } else if (isTrain && (errno == Errno.EMSGSIZE.number() || errno == Errno.EINVAL.number())) {
            isSuspected = true;
            next = 0;
        } else if (source != null && isAboutSource(errno)) {
            batch.dropSource(head);
            refused.sourceRefused(batch.destination(head), source);
            if (isSuspected) {
                reset(); // It was not the train's fault.
            }
        } else {
            int datagrams = isTrain ? batch.segments(head) : 1;
            for (int i = 0; i < datagrams; i++) {
                refused.refused(batch.destination(head), errno);
            }
            if (next == NOT_SINGLY) {
                batch.remove(1);
            } else {
                advance(1);
            }
        }
    }

    private void advance(int count) {
        next += count;
        if (next == batch.segments(batch.head())) {
            batch.remove(1);
            reset();
        }
    }

    /** The address is gone, or its interface is, or has no way to the destination. */
    private static boolean isAboutSource(int errno) {
        return errno == Errno.EINVAL.number()
                || errno == Errno.ENODEV.number()
                || errno == Errno.ENETUNREACH.number()
                || errno == Errno.EADDRNOTAVAIL.number();
    }

    /** Puts what is left of the first message into {@code target}, datagram by datagram; answers how many. */
    private int fill(TrainVector target) {
        TrainVector vector = batch.vector();
        int head = batch.head();
        int part = batch.firstPart(head);
        long at = 0;
        int count = 0;
        for (int i = 0; i < batch.segments(head); i++) {
            if (at == vector.partBytes(part)) {
                part++;
                at = 0;
            }
            long bytes = Math.min(batch.segmentBytes(head), vector.partBytes(part) - at);
            if (i >= next) {
                target.setPart(count, vector.partAddress(part) + at, bytes);
                target.setParts(count, count, 1);
                target.borrow(count, vector, head);
                count++;
            }
            at += bytes;
        }
        return count;
    }

    private TrainVector singles() {
        if (singles == null) {
            singles = new TrainVector(GsoBatch.MAX_SEGMENTS, GsoBatch.MAX_SEGMENTS);
        }
        return singles;
    }
}
