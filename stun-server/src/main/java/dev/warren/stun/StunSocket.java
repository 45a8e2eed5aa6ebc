package dev.warren.stun;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A UDP socket that is being served. */
sealed interface StunSocket extends AutoCloseable permits BatchedSocket, NettySocket {
    /** Where it is bound, with the real port. */
    InetSocketAddress address();

    /** How many datagrams the kernel has dropped before they were read; 0 when that cannot be known. */
    long droppedByKernel();

    /** Why it is not served any more, as one sentence; null as long as it is. */
    @Nullable
    String failure();

    /** Tells its thread to end, without waiting. */
    void stop();

    /** Ends its thread and closes it before it returns. */
    @Override
    void close();
}
