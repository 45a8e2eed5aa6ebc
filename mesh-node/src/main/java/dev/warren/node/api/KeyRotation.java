package dev.warren.node.api;

import dev.warren.node.keys.RotationSchedule;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/** A key that changes by a schedule, as a step that is taken whenever it is due: no thread and no clock of its own. */
interface KeyRotation {
    /** What {@link #step} answers when there is nothing left to do ever. */
    Instant NEVER = Instant.MAX;

    /** See {@link #patience}. */
    Duration SHORTEST = Duration.ofMillis(50);

    /** See {@link #patience}. */
    Duration LONGEST = Duration.ofSeconds(10);

    /** Does what is due at {@code now}; says when to come again. Safe to repeat after it failed. */
    Instant step(Instant now) throws IOException;

    /** By which it changes. */
    RotationSchedule schedule();

    /** Whose key it is: two of one subject can't be. */
    Object subject();

    /** How soon to try again after a failure, and to look again at what the other end has not done yet. */
    static Duration patience(RotationSchedule schedule) {
        Duration quarter = schedule.overlap().dividedBy(4);
        if (quarter.compareTo(SHORTEST) < 0) {
            return SHORTEST;
        }
        return quarter.compareTo(LONGEST) < 0 ? quarter : LONGEST;
    }
}
