package dev.warren.loadtest.stun;

import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.UserError;
import dev.warren.platform.linux.Errno;
import java.net.InetSocketAddress;
import java.time.Duration;

/** What a target has shown of itself since the start, warm-up included: whether it is a STUN server at all. */
final class Health {
    /** A target that has given no right answer by then won't. */
    static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final int MANY_WRONG = 10;

    private final InetSocketAddress target;
    private final WrongCounts wrong = new WrongCounts();
    private long asked;
    private long right;
    private long refused;
    private int refusal;

    Health(InetSocketAddress target) {
        this.target = target;
    }

    InetSocketAddress target() {
        return target;
    }

    void asked() {
        asked++;
    }

    void right() {
        right++;
    }

    void wrong(Wrong reason) {
        wrong.count(reason);
    }

    /** The network brought an error back, or the kernel refused to send. */
    void refused(int errno) {
        refused++;
        refusal = errno;
    }

    /** How often that happened. */
    long refusals() {
        return refused;
    }

    /** The target's address as people write it. */
    String name() {
        return Sentences.hostPort(target);
    }

    /** Throws {@link UserError} when it is clear by now, {@code elapsed} after the start, that nothing will come. */
    void check(Duration elapsed, boolean atEnd) {
        if (right > 0 || asked == 0) {
            return;
        }
        long wrongs = wrong.total();
        if (refused > 0) {
            throw new UserError(refusalSentence());
        }
        boolean late = atEnd || elapsed.compareTo(PATIENCE) >= 0;
        if (wrongs > 0 && (late || wrongs >= MANY_WRONG)) {
            throw new UserError(name() + " gives no right answer: what comes is "
                    + wrong.mostOften().text() + hint(wrong.mostOften()));
        }
        if (late) {
            throw new UserError(name() + " answered none of " + asked + " requests: check that a STUN server listens"
                    + " on this UDP port, that no firewall is in between, and that it answers this --form");
        }
    }

    private String refusalSentence() {
        return switch (Errno.of(refusal)) {
            case ECONNREFUSED -> "nothing listens on UDP " + name() + ": start the server, or check host and port";
            case EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN ->
                name() + " cannot be reached (" + Errno.describe(refusal) + "): check the address and the routes to it";
            case EPERM -> "this machine's firewall keeps datagrams from " + name() + ": let them through";
            case null, default -> "sending to " + name() + " fails (" + Errno.describe(refusal) + ")";
        };
    }

    private static String hint(Wrong reason) {
        return switch (reason) {
            case NOT_STUN, UNKNOWN_ID -> "; something else seems to listen there, check the port";
            case WRONG_ADDRESS -> "; a NAT in between does that, measure without it";
            case REFUSED -> "; try the other --form";
            case OTHER_TYPE, BROKEN, NO_ADDRESS, FINGERPRINT -> "; check what listens there";
        };
    }
}
