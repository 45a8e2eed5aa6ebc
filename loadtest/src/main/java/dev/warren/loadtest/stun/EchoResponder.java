package dev.warren.loadtest.stun;

import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.Poller;
import dev.warren.platform.linux.ReceiveBatch;
import dev.warren.platform.linux.SendBatch;
import dev.warren.platform.linux.UdpOptions;
import dev.warren.platform.linux.UdpSocket;
import dev.warren.protocol.stun.BindingResponder;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * The least that answers binding requests: one socket on the loopback address, one thread, as many datagrams in a
 * system call as there are. What the load generator does with it is what the two can do together.
 */
final class EchoResponder implements AutoCloseable {
    private static final int BATCH = 64;

    private final UdpSocket socket;
    private final Poller poller;
    private final Thread thread;
    private final ReceiveBatch requests = new ReceiveBatch(BATCH, Engine.SLOT_BYTES);
    private final BindingResponder responder = new BindingResponder();
    private final SendBatch answers = new SendBatch(BATCH, responder.maxResponseLength());
    private final byte[] request = new byte[Engine.SLOT_BYTES];
    private volatile boolean closing;

    private EchoResponder(UdpSocket socket, Poller poller) {
        this.socket = socket;
        this.poller = poller;
        this.thread = Thread.ofPlatform().name("echo").daemon().unstarted(this::serve);
    }

    /** Starts one on a free port of IPv4's loopback address. */
    static EchoResponder start() throws LinuxException {
        UdpSocket socket =
                UdpSocket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), UdpOptions.DEFAULT);
        Poller poller = Poller.open();
        poller.add(socket.descriptor(), 0, true, false);
        EchoResponder responder = new EchoResponder(socket, poller);
        responder.thread.start();
        return responder;
    }

    /** Where it listens. */
    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), socket.port());
    }

    /** Ends the thread before it returns. */
    @Override
    public void close() {
        closing = true;
        poller.wakeUp();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve() {
        try (socket;
                poller) {
            while (!closing) {
                poller.await(Poller.NEVER);
                for (int count = socket.receive(requests); count > 0; count = socket.receive(requests)) {
                    answer(count);
                }
            }
        } catch (LinuxException gone) {
            throw new IllegalStateException("the responder's socket failed", gone);
        }
    }

    private void answer(int count) throws LinuxException {
        for (int i = 0; i < count; i++) {
            int length = requests.length(i);
            InetSocketAddress source = requests.source(i);
            if (length > 0 && source != null) {
                requests.copy(i, request, 0);
                if (responder.handle(request, 0, length, source).isAnswered()) {
                    answers.add(source, responder.response(), 0, responder.responseLength());
                }
            }
        }
        socket.send(answers, (_, _) -> {});
        answers.clear();
    }
}
