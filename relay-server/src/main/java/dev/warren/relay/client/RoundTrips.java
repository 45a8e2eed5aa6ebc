package dev.warren.relay.client;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How long the way to the clients and back is, as the kernel measures it anyway (TCP_INFO). Asked once a keep-alive of
 * each connection, so it costs a system call a minute; on the epoll transport only.
 */
final class RoundTrips {
    /** derper's. */
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(10),
        Duration.ofMillis(20),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(150),
        Duration.ofMillis(250),
        Duration.ofMillis(500)
    };

    private final Timer timer;

    RoundTrips(MeterRegistry registry) {
        this.timer = Timer.builder("warren.relay.round.trip")
                .description("The kernel's smoothed round-trip time to clients, one sample a connection and keep-alive")
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    /** Takes one sample of {@code channel}, on its event loop. */
    void sample(Channel channel) {
        if (!(channel instanceof EpollSocketChannel socket) || !socket.isOpen()) {
            return;
        }
        try {
            EpollTcpInfo info = socket.tcpInfo();
            timer.record(info.rtt(), TimeUnit.MICROSECONDS);
        } catch (ChannelException closed) {
            // It ends just now, and its handler is told.
        }
    }
}
