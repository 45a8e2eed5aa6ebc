package dev.warren.stun;

import dev.warren.platform.linux.AnswerBatch;
import dev.warren.platform.linux.AnsweringSocket;
import dev.warren.platform.linux.Errno;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.SendBatch;
import dev.warren.protocol.stun.BindingResponder;
import dev.warren.stun.StunCounts.Family;
import dev.warren.stun.StunCounts.Unsent;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A socket without Netty and the thread that serves it. */
final class BatchedSocket implements StunSocket {
    private static final Logger LOG = LoggerFactory.getLogger(BatchedSocket.class);

    /** Datagrams in one system call: with more, the first ones' answers would be late. */
    private static final int BATCH = 64;
    /** Odd in cache lines, so that the beginnings of the slots spread over the whole of the cache. */
    private static final int SLOT_BYTES = Answering.MAX_DATAGRAM_BYTES;

    private final AnsweringSocket socket;
    private final Answering answering;
    private final BindingResponder responder;
    private final AnswerBatch batch = new AnswerBatch(BATCH, SLOT_BYTES);
    private final SendBatch fromAnother = new SendBatch(1, SLOT_BYTES);
    private final byte[] request = new byte[SLOT_BYTES];
    private final Thread thread;
    /** By the change that a request asks for, halved: this one, other port, other address, both. */
    private List<AnsweringSocket> corners = List.of();

    private volatile boolean stopping;
    private volatile @Nullable String failure;

    BatchedSocket(AnsweringSocket socket, Answering answering, int number) {
        this.socket = socket;
        this.answering = answering;
        this.responder = new BindingResponder(answering.config());
        this.thread = Thread.ofPlatform().name("stun-" + number).daemon().unstarted(this::serve);
    }

    AnsweringSocket socket() {
        return socket;
    }

    /** The four sockets that RFC 5780 wants, as seen from this one. */
    void setCorners(List<AnsweringSocket> all) {
        corners = all;
    }

    void start() {
        thread.start();
    }

    @Override
    public InetSocketAddress address() {
        return socket.address();
    }

    @Override
    public long droppedByKernel() {
        return socket.dropped();
    }

    @Override
    public @Nullable String failure() {
        return failure;
    }

    @Override
    public void stop() {
        stopping = true;
    }

    @Override
    public void close() {
        stopping = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        socket.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve() {
        try {
            while (!stopping) {
                answer(socket.receive(batch));
            }
        } catch (LinuxException | RuntimeException broken) {
            failure = "The socket on " + socket.address() + " is no longer served: " + broken.getMessage();
            LOG.error("{}", failure, broken);
        }
    }

    private void answer(int count) throws LinuxException {
        long nowNanos = answering.isLimited() ? System.nanoTime() : 0;
        for (int i = 0; i < count; i++) {
            int length = batch.length(i);
            if (batch.isTruncated(i)) {
                answering.counts().oversize(Family.of(batch.address(i)), length);
            } else {
                answer(i, length, nowNanos);
            }
        }
        socket.answer(batch, this::refused);
    }

    private void answer(int index, int length, long nowNanos) {
        batch.copy(index, request);
        byte[] address = batch.address(index);
        if (!answering.answers(responder, request, length, address, batch.port(index), nowNanos)) {
            return;
        }
        int change = responder.change();
        if (change == 0) {
            batch.answer(index, responder.response(), responder.responseLength());
        } else {
            answerFromAnother(index, corners.get(change / BindingResponder.CHANGE_PORT));
        }
    }

    private void answerFromAnother(int index, AnsweringSocket other) {
        try {
            other.answerFrom(batch, index, fromAnother, responder.response(), responder.responseLength());
        } catch (LinuxException refused) {
            refused(refused.errno());
        }
    }

    private void refused(int errno) {
        answering.counts().unsent(errno == Errno.EAGAIN.number() ? Unsent.QUEUE_FULL : Unsent.SEND_FAILED);
    }
}
