package dev.warren.stun;

import dev.warren.protocol.stun.StunCredentials;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link StunServer} runs.
 *
 * @param listen UDP addresses; port 0 takes any free one; a wildcard address serves IPv4 and IPv6
 * @param inherited descriptors of UDP sockets that are bound already (systemd's); with them, {@code listen} is empty
 * @param alternate the other address and port of RFC 5780; null for none. Needs exactly one address to listen on, which
 *     differs from it in address and port
 * @param transport the kernel interface for the UDP sockets
 * @param threads sockets and threads for each address; 0 for as many as there are processors. Netty has one
 * @param classic whether RFC 3489's requests are answered
 * @param credentials who is answered, and over TCP and TLS too; null for everybody
 * @param rate the most that one prefix is answered; null for no limit
 * @param opsListen where metrics and health are shown; null for nowhere
 */
public record StunConfig(
        List<InetSocketAddress> listen,
        List<Integer> inherited,
        @Nullable InetSocketAddress alternate,
        StunTransport transport,
        int threads,
        boolean classic,
        @Nullable StunCredentials credentials,
        @Nullable AnswerRate rate,
        @Nullable InetSocketAddress opsListen) {
    private static final int MOST_THREADS = 256;

    /** Copies the lists; throws IllegalArgumentException with a sentence when they do not go together. */
    public StunConfig {
        listen = List.copyOf(listen);
        inherited = List.copyOf(inherited);
        if (listen.isEmpty() == inherited.isEmpty()) {
            throw new IllegalArgumentException("a STUN server needs addresses to listen on, or inherited sockets");
        }
        if (!inherited.isEmpty() && transport.resolved() != StunTransport.BATCHED) {
            throw new IllegalArgumentException("inherited sockets need --transport batched");
        }
        if (alternate != null && listen.size() != 1) {
            throw new IllegalArgumentException("--alternate goes with exactly one --listen");
        }
        if (threads < 0 || threads > MOST_THREADS) {
            throw new IllegalArgumentException("--threads " + threads + " is outside 0 to " + MOST_THREADS);
        }
    }

    /** Everybody on {@code listen} is answered, by as many threads as there are processors. */
    public static StunConfig of(
            List<InetSocketAddress> listen, StunTransport transport, @Nullable InetSocketAddress opsListen) {
        return new StunConfig(listen, List.of(), null, transport, 0, true, null, null, opsListen);
    }
}
