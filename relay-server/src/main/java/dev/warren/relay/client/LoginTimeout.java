package dev.warren.relay.client;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;

/**
 * Tells the handlers behind it, by the event {@link RelayMetrics.End#LOGIN_TIMEOUT}, that a connection has not logged
 * in in time, counted from its beginning however busy it was; or by {@link RelayMetrics.End#LOGINS_FULL} that it must
 * make room for another one. Taken out of the pipeline by the login.
 */
public final class LoginTimeout extends ChannelInboundHandlerAdapter {
    private final RelayContext relay;

    /** The time is {@link RelayContext.Timing#loginMillis}, from now on. */
    public LoginTimeout(RelayContext relay) {
        this.relay = relay;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        var timer = context.executor()
                .schedule(() -> expired(context), relay.timing().loginMillis(), TimeUnit.MILLISECONDS);
        context.channel().closeFuture().addListener(_ -> timer.cancel(false));
        Channel oldest = relay.limits().logins().begin(context.channel());
        if (oldest != null) {
            oldest.pipeline().fireUserEventTriggered(RelayMetrics.End.LOGINS_FULL);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        relay.limits().logins().end(context.channel());
    }

    private void expired(ChannelHandlerContext context) {
        if (!context.isRemoved() && context.channel().isActive()) {
            context.fireUserEventTriggered(RelayMetrics.End.LOGIN_TIMEOUT);
        }
    }
}
