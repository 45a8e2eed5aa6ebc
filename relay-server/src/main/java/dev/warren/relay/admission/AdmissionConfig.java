package dev.warren.relay.admission;

import dev.warren.platform.tls.Pin;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who decides about clients, in this order: the deny list, the allow list, the verify URL. With none of them everybody is
 * let in.
 *
 * @param denyList a file of keys that are never let in, or null
 * @param allowList a file of keys that are let in without asking, or null; without a URL nobody else is
 * @param verify who is asked about everybody else, or null
 * @param recheck how clients that are connected are looked at again
 */
public record AdmissionConfig(
        @Nullable Path denyList, @Nullable Path allowList, @Nullable Verify verify, Recheck recheck) {
    /** Everybody is let in. */
    public static final AdmissionConfig OPEN = new AdmissionConfig(null, null, null, Recheck.STANDARD);

    /** A URL decides alone; everybody is let in without one. */
    public static AdmissionConfig by(@Nullable Verify verify) {
        return new AdmissionConfig(null, null, verify, Recheck.STANDARD);
    }

    /** The files that are named. */
    public List<Path> files() {
        List<Path> files = new ArrayList<>();
        if (denyList != null) {
            files.add(denyList);
        }
        if (allowList != null) {
            files.add(allowList);
        }
        return files;
    }

    /**
     * A URL that is asked about clients.
     *
     * @param url where derper's question is asked
     * @param pin the only certificate to trust there, null for the machine's authorities
     * @param failOpen whether clients are let in when the URL cannot be reached
     * @param memory how long answers count
     */
    public record Verify(URI url, @Nullable Pin pin, boolean failOpen, Memory memory) {
        /** Fails closed, and remembers for the standard times. */
        public Verify(URI url, @Nullable Pin pin) {
            this(url, pin, false, Memory.STANDARD);
        }
    }

    /**
     * How long answers count for logins with the same key from the same address.
     *
     * @param yes a yes; zero for not at all
     * @param no a no; zero for not at all
     */
    public record Memory(Duration yes, Duration no) {
        /** A client that reconnects is not asked about again; one that has just been made known waits for seconds only. */
        public static final Memory STANDARD = new Memory(Duration.ofSeconds(60), Duration.ofSeconds(3));
    }

    /**
     * How clients that are connected are looked at again.
     *
     * @param interval between two looks; zero for at a reload only
     * @param grace how long one stays that nobody can be asked about
     */
    public record Recheck(Duration interval, Duration grace) {
        /** A minute until a revocation is noticed; a coordinator that is down for a day cuts nobody off. */
        public static final Recheck STANDARD = new Recheck(Duration.ofSeconds(60), Duration.ofHours(24));
    }
}
