package dev.warren.protocol.stun;

import dev.warren.protocol.stun.CredentialSession.Judgement;
import java.net.InetSocketAddress;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A binding request to a server that asks for credentials (RFC 8489 section 9): one transaction, or several when the
 * server refuses the first ones with 401 or 438. Used like {@link StunClient}. Not thread-safe.
 */
public final class CredentialClient {
    /** Of a server that finds every nonce stale there is no more to be had than of a silent one. */
    private static final int MAX_TRANSACTIONS = 4;

    private final InetSocketAddress server;
    private final CredentialSession session;
    private final StunClient.Retransmission retransmission;
    private final RandomGenerator random;
    private StunClient transaction;
    private TransactionId id;
    private int transactions;
    private boolean forged;

    /** A request that is due at {@code nowNanos}; {@code session} is the one for this server. */
    public CredentialClient(
            InetSocketAddress server,
            CredentialSession session,
            StunClient.Retransmission retransmission,
            RandomGenerator random,
            long nowNanos) {
        this.server = server;
        this.session = session;
        this.retransmission = retransmission;
        this.random = random;
        this.id = TransactionId.random(random);
        this.transaction = begin(nowNanos);
    }

    /** The request when it is due to be sent, else null. */
    public byte @Nullable [] poll(long nowNanos) {
        return transaction.poll(nowNanos);
    }

    /** When {@link #poll} has something to do next; {@code Long.MAX_VALUE} once it is over. */
    public long nextDeadlineNanos() {
        return transaction.nextDeadlineNanos();
    }

    /** How far it is. */
    public StunClient.State state() {
        return transaction.state();
    }

    /**
     * Whether an answer was thrown away because whoever sent it did not know the password: with
     * {@link StunClient.TimedOut} it means that, not silence (section 9.1.4).
     */
    public boolean isForged() {
        return forged;
    }

    /** Takes a datagram from {@code from}; true when it is one for this, be it forged. */
    public boolean receive(byte[] buffer, int offset, int length, InetSocketAddress from, long nowNanos) {
        if (!from.equals(server)
                || !StunCodec.looksLike(buffer, offset, length)
                || !(StunCodec.decode(buffer, offset, length) instanceof StunMessage answer)
                || !answer.id().equals(id)
                || !isResponse(answer)
                || !(transaction.state() instanceof StunClient.Waiting)) {
            return false;
        }
        Judgement judgement = session.judge(buffer, offset, length, answer);
        switch (judgement) {
            case GENUINE -> {
                return transaction.receive(buffer, offset, length, from, nowNanos);
            }
            case FORGED -> forged = true;
            case RETRY -> {
                if (transactions == MAX_TRANSACTIONS) {
                    return transaction.receive(buffer, offset, length, from, nowNanos);
                }
                id = TransactionId.random(random);
                transaction = begin(nowNanos);
            }
        }
        return true;
    }

    private StunClient begin(long nowNanos) {
        transactions++;
        byte[] request = session.seal(StunMessage.of(MessageType.BINDING_REQUEST, id));
        return new StunClient(server, request, retransmission, nowNanos);
    }

    private static boolean isResponse(StunMessage message) {
        return message.type().equals(MessageType.BINDING_SUCCESS)
                || message.type().equals(MessageType.BINDING_ERROR);
    }
}
