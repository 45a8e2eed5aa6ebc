package dev.warren.loadtest.stun;

import dev.warren.protocol.stun.MessageType;
import dev.warren.protocol.stun.StunAttribute.XorMappedAddress;
import dev.warren.protocol.stun.StunCodec;
import dev.warren.protocol.stun.StunMessage;
import dev.warren.protocol.stun.TransactionId;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A STUN server on a free port that answers as a test wants it to. */
final class CrookedServer implements AutoCloseable {
    private final DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
    private final String address = "127.0.0.1:" + socket.getLocalPort();
    private final Thread thread;

    /** Whatever comes of one request. */
    @FunctionalInterface
    interface Manner {
        /** The datagrams to send for request number {@code count} (from 0 on); null closes the port. */
        @Nullable
        List<Reply> replies(Request request, int count);
    }

    /** One request. */
    record Request(TransactionId id, InetSocketAddress source) {
        /** The right answer. */
        Reply right() {
            return answer(id, source);
        }

        /** An answer that says what it is told to. */
        Reply answer(TransactionId answered, InetSocketAddress mapped) {
            return new Reply(
                    source,
                    StunCodec.encode(
                            StunMessage.of(MessageType.BINDING_SUCCESS, answered, new XorMappedAddress(mapped))));
        }
    }

    /** One datagram. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Reply(InetSocketAddress to, byte[] bytes) {}

    CrookedServer(Manner manner) throws IOException {
        // A test machine that stands still for a moment must not lose anything of itself.
        socket.setReceiveBufferSize(4 << 20);
        thread = Thread.ofVirtual().start(() -> serve(manner));
    }

    String address() {
        return address;
    }

    @Override
    public void close() throws InterruptedException {
        socket.close();
        thread.join();
    }

    private void serve(Manner manner) {
        DatagramPacket packet = new DatagramPacket(new byte[100], 100);
        for (int count = 0; ; count++) {
            try {
                socket.receive(packet);
                Request request = new Request(
                        TransactionId.of(packet.getData(), 8), (InetSocketAddress) packet.getSocketAddress());
                List<Reply> replies = manner.replies(request, count);
                if (replies == null) {
                    socket.close();
                    return;
                }
                for (Reply reply : replies) {
                    socket.send(new DatagramPacket(reply.bytes(), reply.bytes().length, reply.to()));
                }
            } catch (IOException closed) {
                return;
            }
        }
    }
}
