package dev.warren.platform.config;

import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.NotifySocket;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whoever started this process and waits until it serves: systemd, for a unit of {@code Type=notify}. Where nobody waits
 * (no NOTIFY_SOCKET), nothing is said. A socket that cannot be used is one line in the log: systemd says the rest.
 */
public final class InitSystem {
    private static final Logger LOG = LoggerFactory.getLogger(InitSystem.class);

    /** Null when nobody waits, or the socket has failed once. */
    private volatile @Nullable String socket;

    InitSystem(Map<String, String> environment) {
        String named = environment.get("NOTIFY_SOCKET");
        this.socket = named == null || named.isEmpty() ? null : named;
    }

    /** The one of this process. */
    public static InitSystem own() {
        return new InitSystem(System.getenv());
    }

    /** The process serves, and can be told to read its files again. */
    public void ready() {
        say("READY=1");
    }

    /** Says that the process begins to end, and then has it end: whoever waits knows it for as long as that takes. */
    public void stop(Runnable end) {
        say("STOPPING=1");
        end.run();
    }

    private void say(String state) {
        String address = socket;
        if (address == null) {
            return;
        }
        try {
            NotifySocket.send(address, state);
        } catch (LinuxException failure) {
            socket = null;
            LOG.warn("systemd is not told {}: {}", state, failure.getMessage());
        }
    }
}
