package dev.warren.loadtest.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.stun.BindingAnswer;
import dev.warren.protocol.stun.BindingRequest;
import dev.warren.protocol.stun.CredentialClient;
import dev.warren.protocol.stun.CredentialSession;
import dev.warren.protocol.stun.StunClient;
import dev.warren.protocol.stun.StunClient.Retransmission;
import dev.warren.protocol.stun.StunStream;
import dev.warren.protocol.stun.TransactionId;
import dev.warren.protocol.testing.FreePort;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Our client's credentials and our streams against coturn. */
@Timeout(60)
final class CoturnInteropTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    private Path folder = Path.of("");

    @Test
    void shouldLogInWithALongTermCredential() throws Exception {
        InetSocketAddress server = free();
        Process coturn = coturn(server, "-a", "--secure-stun", "--user=alice:secret", "--realm=example.org");
        try (DatagramSocket socket = new DatagramSocket(0, LOOPBACK)) {
            CredentialSession session = CredentialSession.longTerm("alice", "secret");
            for (int i = 0; i < 2; i++) {
                StunClient.State state = ask(socket, server, session, coturn);
                assertEquals(
                        socket.getLocalSocketAddress(),
                        assertInstanceOf(StunClient.Answered.class, state, state::toString)
                                .mapped());
            }
            StunClient.State wrong = ask(socket, server, CredentialSession.longTerm("alice", "wrong"), coturn);
            assertEquals(
                    401,
                    assertInstanceOf(StunClient.Refused.class, wrong, wrong::toString)
                            .code());
        } finally {
            Coturn.end(coturn);
        }
    }

    @Test
    void shouldReadCoturnsAnswersOutOfAStream() throws Exception {
        InetSocketAddress server = free();
        Process coturn = coturn(server);
        try (Socket socket = connect(server, coturn)) {
            TransactionId first = TransactionId.random(RANDOM);
            TransactionId second = TransactionId.random(RANDOM);
            socket.getOutputStream().write(BindingRequest.tailscale(first));
            socket.getOutputStream().write(BindingRequest.plain(second));
            InetSocketAddress me = (InetSocketAddress) socket.getLocalSocketAddress();
            StunStream stream = new StunStream(2048);
            for (TransactionId id : List.of(first, second)) {
                byte[] answer = message(stream, socket.getInputStream());
                assertEquals(new BindingAnswer.Mapped(id, me), BindingAnswer.parse(answer, 0, answer.length));
            }
        } finally {
            Coturn.end(coturn);
        }
    }

    private static byte[] message(StunStream stream, InputStream in) throws IOException {
        byte[] one = new byte[1];
        while (!stream.isComplete()) {
            assertEquals(1, in.read(one), "the stream ended");
            stream.take(one, 0, 1);
            assertNull(stream.trouble());
        }
        byte[] message = Arrays.copyOf(stream.message(), stream.messageLength());
        stream.next();
        return message;
    }

    private static StunClient.State ask(
            DatagramSocket socket, InetSocketAddress server, CredentialSession session, Process coturn)
            throws IOException {
        CredentialClient client =
                new CredentialClient(server, session, Retransmission.RFC_8489, RANDOM, System.nanoTime());
        DatagramPacket answer = new DatagramPacket(new byte[2048], 2048);
        while (client.nextDeadlineNanos() != Long.MAX_VALUE) {
            assertTrue(coturn.isAlive(), "coturn ended");
            byte[] due = client.poll(System.nanoTime());
            if (due != null) {
                socket.send(new DatagramPacket(due, due.length, server));
            }
            long waitNanos = client.nextDeadlineNanos() - System.nanoTime();
            socket.setSoTimeout((int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(waitNanos)));
            try {
                socket.receive(answer);
                InetSocketAddress from = (InetSocketAddress) answer.getSocketAddress();
                client.receive(answer.getData(), 0, answer.getLength(), from, System.nanoTime());
            } catch (SocketTimeoutException nothingYet) {
                assertTrue(client.state() instanceof StunClient.Waiting);
            }
        }
        return client.state();
    }

    /** Waits for a server that is still starting. */
    private static Socket connect(InetSocketAddress server, Process coturn) throws IOException {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (true) {
            try {
                Socket socket = new Socket(server.getAddress(), server.getPort());
                socket.setSoTimeout(20_000);
                return socket;
            } catch (ConnectException notYet) {
                assertTrue(coturn.isAlive() && System.nanoTime() < endNanos, notYet::toString);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }

    private Process coturn(InetSocketAddress server, String... options) throws IOException {
        List<String> address = List.of(server.getAddress().getHostAddress());
        return Coturn.start(folder, Coturn.command(folder, address, server.getPort(), options));
    }

    private static InetSocketAddress free() throws IOException {
        return new InetSocketAddress(LOOPBACK, FreePort.next());
    }
}
