package dev.warren.platform.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Requirements;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
final class TransportTest {
    @ParameterizedTest
    @EnumSource
    void shouldReadWhatItWrites(Transport transport) {
        assertEquals(transport, Transport.parse(transport.toString()));
    }

    @Test
    void shouldRefuseUnknownNames() {
        IllegalArgumentException failure =
                assertThrows(IllegalArgumentException.class, () -> Transport.parse("kqueue"));
        assertEquals("\"kqueue\" is no transport; use auto, epoll, io_uring or nio", failure.getMessage());
    }

    @Test
    void shouldResolveAutoToWhatWorks() {
        assertTrue(Transport.AUTO.resolved().unavailableReason().isEmpty());
        assertEquals(Transport.NIO, Transport.NIO.resolved());
    }

    @ParameterizedTest
    @EnumSource
    void shouldBindAChannelOfTheMatchingClass(Transport transport) throws Exception {
        Requirements.none(transport.unavailableReason());
        EventLoopGroup group = transport.newGroup(1, "test-" + transport);
        try {
            Channel channel = new Bootstrap()
                    .group(group)
                    .channel(transport.datagramChannel())
                    .handler(new ChannelHandlerAdapter() {})
                    .bind(InetAddress.getLoopbackAddress(), 0)
                    .sync()
                    .channel();
            assertTrue(((InetSocketAddress) channel.localAddress()).getPort() > 0);
            channel.close().sync();
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }
}
