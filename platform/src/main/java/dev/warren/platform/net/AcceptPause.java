package dev.warren.platform.net;

import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The handler of a listening channel for when connections cannot be accepted, which is nearly always for want of file
 * descriptors: it stops trying for a moment, so that the connections that are open get the processor, says so once, and
 * once more when it is over. Who connects meanwhile waits in the kernel's backlog.
 */
public final class AcceptPause extends ChannelInboundHandlerAdapter {
    // Implementation: long enough to cost nothing, short enough that a client does not give up.
    private static final int PAUSE_MILLIS = 100;

    private static final Logger LOG = LoggerFactory.getLogger(AcceptPause.class);

    private final Runnable onFailure;
    private long failures;

    /** Calls {@code onFailure}, on the listener's event loop, at each connection that could not be accepted. */
    public AcceptPause(Runnable onFailure) {
        this.onFailure = onFailure;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
        if (failures > 0) {
            LOG.warn(
                    "{} accepts connections again, after {} attempts",
                    context.channel().localAddress(),
                    failures);
            failures = 0;
        }
        context.fireChannelRead(accepted);
    }

    /** Is not passed on: the handler behind would log a stack trace each time. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        onFailure.run();
        if (failures++ == 0) {
            LOG.warn(
                    "{} cannot accept connections for the moment and goes on trying: {}; if these are file descriptors,"
                            + " raise the limit (ulimit -n)",
                    context.channel().localAddress(),
                    cause.getMessage());
        }
        ChannelConfig config = context.channel().config();
        if (config.isAutoRead()) {
            config.setAutoRead(false);
            var _ = context.channel()
                    .eventLoop()
                    .schedule(() -> config.setAutoRead(true), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
