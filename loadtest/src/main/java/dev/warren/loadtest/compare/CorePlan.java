package dev.warren.loadtest.compare;

import dev.warren.platform.config.UserError;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Which cores the servers and the load generator are held to, as lists such as {@code 0,2-3}; null: whichever the
 * kernel chooses.
 */
record CorePlan(@Nullable String server, @Nullable String load) {
    static final CorePlan UNPINNED = new CorePlan(null, null);

    /** The numbers of a list; an IllegalArgumentException when it is none. */
    static BitSet numbers(String list) {
        BitSet all = new BitSet();
        for (String part : list.strip().split(",", -1)) {
            String[] ends = part.strip().split("-", -1);
            int first = number(ends[0], list);
            int last = ends.length == 1 ? first : number(ends[1], list);
            if (ends.length > 2 || last < first) {
                throw new IllegalArgumentException("\"" + list + "\" is no list of cores such as 0,2-3");
            }
            all.set(first, last + 1);
        }
        return all;
    }

    /** Refuses cores that are not among {@code allowed}, the list of those that this process may use. */
    void check(String file, String allowed) {
        BitSet missing = new BitSet();
        if (server != null) {
            missing.or(numbers(server));
        }
        if (load != null) {
            missing.or(numbers(load));
        }
        missing.andNot(numbers(allowed));
        if (!missing.isEmpty()) {
            throw new UserError(file + " wants " + list(missing) + ", but only cores " + allowed
                    + " can be used here; change its \"cores\", or leave them out to let everything run anywhere");
        }
    }

    /** How many cores a server has. */
    int serverCores(int available) {
        return server == null ? available : numbers(server).cardinality();
    }

    private static String list(BitSet cores) {
        String numbers = cores.toString();
        return (cores.cardinality() == 1 ? "core " : "cores ") + numbers.substring(1, numbers.length() - 1);
    }

    private static int number(String text, String list) {
        String digits = text.strip();
        if (digits.isEmpty() || digits.length() > 4 || !digits.chars().allMatch(Character::isDigit)) {
            throw new IllegalArgumentException("\"" + list + "\" is no list of cores such as 0,2-3");
        }
        return Integer.parseInt(digits);
    }
}
