package dev.warren.relay.limit;

import io.netty.channel.Channel;

/**
 * The limits in force, and what is held to them. Any thread may replace them; connections that are open follow at their
 * next frame, and none is ended for being one too many under a new limit.
 */
public final class LiveLimits {
    private final LimitMetrics metrics;
    private final ConnectionGate gate = new ConnectionGate(this);
    private final PendingLogins<Channel> logins = new PendingLogins<>(this);
    private volatile Limits current;

    /** Starts with {@code first}. */
    public LiveLimits(Limits first, LimitMetrics metrics) {
        this.current = first;
        this.metrics = metrics;
        metrics.watch(this);
    }

    /** What is in force. */
    public Limits current() {
        return current;
    }

    /** Puts other limits in force. */
    public void replace(Limits next) {
        current = next;
    }

    /** Who may connect and log in. */
    public ConnectionGate gate() {
        return gate;
    }

    /** Who is connected and not logged in. */
    public PendingLogins<Channel> logins() {
        return logins;
    }

    /** What is counted about limits. */
    public LimitMetrics metrics() {
        return metrics;
    }
}
