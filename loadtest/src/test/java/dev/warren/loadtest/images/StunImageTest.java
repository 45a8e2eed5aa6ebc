package dev.warren.loadtest.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.warren.protocol.stun.BindingRequest;
import dev.warren.protocol.stun.StunClient;
import dev.warren.protocol.stun.TransactionId;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code warren-stun}. */
@Timeout(240)
class StunImageTest {
    private static final int PORT = 3478;
    private static final int ROUND_MILLIS = 100;

    @Test
    void answersFromNothingAndEndsWhenItIsTold() throws Exception {
        try (Service stun = Service.of("stun")) {
            stun.start();

            InetAddress server = InetAddress.ofLiteral(stun.address());
            StunClient.State state = Daemon.shared().network().call(() -> ask(new InetSocketAddress(server, PORT)));
            StunClient.Answered answered = assertInstanceOf(StunClient.Answered.class, state);
            assertEquals(server.getAddress()[0], answered.mapped().getAddress().getAddress()[0], "of Docker's network");
            assertEquals(Ending.BY_SIGTERM, stun.end(), stun.getLogs());
        }
    }

    private static StunClient.State ask(InetSocketAddress server) throws IOException {
        byte[] request = BindingRequest.plain(TransactionId.random(new SecureRandom()));
        StunClient client = new StunClient(server, request, StunClient.Retransmission.RFC_8489, System.nanoTime());
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(ROUND_MILLIS);
            while (client.state() instanceof StunClient.Waiting) {
                byte[] due = client.poll(System.nanoTime());
                if (due != null) {
                    socket.send(new DatagramPacket(due, due.length, server));
                }
                DatagramPacket answer = new DatagramPacket(new byte[1500], 1500);
                try {
                    socket.receive(answer);
                    client.receive(
                            answer.getData(),
                            0,
                            answer.getLength(),
                            (InetSocketAddress) answer.getSocketAddress(),
                            System.nanoTime());
                } catch (SocketTimeoutException none) {
                    // asked again when it is time
                }
            }
        }
        return client.state();
    }

    @Test
    void refusesWhatIsWrongWithOneSentence() throws Exception {
        assertEquals(
                new Service.Refusal(
                        Ending.USAGE,
                        "warren stun: unknown option --lisen, did you mean --listen?"
                                + " (warren stun --help shows what can be given)\n"),
                Service.refusal("stun", "--lisen", ":3478"));
    }
}
