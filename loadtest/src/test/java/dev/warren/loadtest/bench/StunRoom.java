package dev.warren.loadtest.bench;

import dev.warren.platform.linux.AnswerBatch;
import dev.warren.platform.linux.AnsweringSocket;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.ReceiveBatch;
import dev.warren.platform.linux.SendBatch;
import dev.warren.platform.linux.UdpOptions;
import dev.warren.platform.linux.UdpSocket;
import dev.warren.protocol.stun.BindingRequest;
import dev.warren.protocol.stun.BindingResponder;
import dev.warren.protocol.stun.TransactionId;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A STUN client and the server's side of a socket, real ones on the loopback, in one thread. */
final class StunRoom implements AutoCloseable {
    private static final int SLOTS = 4;
    private static final int SLOT_BYTES = 1_600;

    private final AnsweringSocket server;
    private final UdpSocket client;
    private final InetSocketAddress address;
    private final BindingResponder responder = new BindingResponder();
    private final AnswerBatch requests = new AnswerBatch(SLOTS, SLOT_BYTES);
    private final SendBatch out = new SendBatch(SLOTS, SLOT_BYTES);
    private final ReceiveBatch in = new ReceiveBatch(SLOTS, SLOT_BYTES);
    private final byte[] request = BindingRequest.tailscale(new TransactionId(1, 2));
    private final byte[] heard = new byte[SLOT_BYTES];
    private final UdpSocket.Refused none = (to, errno) -> {
        throw new AssertionError(to + " refused: " + errno);
    };
    private final AnsweringSocket.Refused noneEither = errno -> {
        throw new AssertionError("refused: " + errno);
    };

    /** The server listens on {@code listen}, or all addresses of the machine; it is asked at {@code asked}. */
    StunRoom(String listen, String asked) throws LinuxException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral(listen), 0);
        server = AnsweringSocket.bind(any, 1, UdpOptions.DEFAULT).getFirst();
        address = new InetSocketAddress(
                InetAddress.ofLiteral(asked), server.address().getPort());
        client = UdpSocket.bind(new InetSocketAddress(InetAddress.ofLiteral(asked), 0), UdpOptions.DEFAULT);
    }

    /** One request and its answer, whose length it gives. */
    int ask() {
        try {
            out.add(address, request, 0, request.length);
            client.send(out, none);
            int count = server.receive(requests);
            for (int i = 0; i < count; i++) {
                requests.copy(i, heard);
                int length = requests.length(i);
                if (responder
                        .handle(heard, 0, length, requests.address(i), requests.port(i))
                        .isAnswered()) {
                    requests.answer(i, responder.response(), responder.responseLength());
                }
            }
            server.answer(requests, noneEither);
            return client.receive(in) == 1 ? in.length(0) : -1;
        } catch (LinuxException broken) {
            throw new AssertionError(broken);
        }
    }

    @Override
    public void close() {
        server.close();
        client.close();
    }
}
