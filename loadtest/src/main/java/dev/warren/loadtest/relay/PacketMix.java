package dev.warren.loadtest.relay;

import dev.warren.loadtest.relay.wire.Stamp;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.derp.Frame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * Which sizes the packets have, and which of them look like disco. The order is shuffled once by a fixed seed, so that
 * every run and every target gets the same packets.
 */
public final class PacketMix {
    /** A WireGuard keep-alive, the shortest packet of a mesh; the load's own fields need 24 bytes. */
    static final int MIN_SIZE = 32;
    /** The shortest packet that passes for disco and has room for the load's own fields. */
    static final int MIN_DISCO_SIZE = Stamp.DISCO_BYTES + Stamp.BYTES;

    private static final int MAX_SIZE = Frame.MAX_PACKET;
    private static final int TABLE = 4096;
    private static final int HUNDRED = 100;
    private static final long SEED = 20_261_122;

    private final short[] sizes = new short[TABLE];
    private final boolean[] disco = new boolean[TABLE];
    private final List<Share> shares;
    private final int discoPercent;

    private record Share(int size, int weight) {
        @Override
        public String toString() {
            return size + ":" + weight;
        }
    }

    private PacketMix(List<Share> shares, int discoPercent) {
        this.shares = shares;
        this.discoPercent = discoPercent;
        int shortest = shares.stream().mapToInt(Share::size).min().orElseThrow();
        if (discoPercent > 0 && shortest < MIN_DISCO_SIZE) {
            throw new UserError("packets of " + shortest + " bytes cannot look like disco, which takes "
                    + MIN_DISCO_SIZE + " or more; raise the size, or leave out --disco");
        }
        Random random = new Random(SEED);
        int total = shares.stream().mapToInt(Share::weight).sum();
        List<Integer> order = new ArrayList<>();
        int weightSoFar = 0;
        for (Share share : shares) {
            weightSoFar += share.weight();
            while (order.size() < (long) TABLE * weightSoFar / total) {
                order.add(share.size());
            }
        }
        java.util.Collections.shuffle(order, random);
        for (int i = 0; i < TABLE; i++) {
            sizes[i] = (short) (order.get(i) - 1);
            disco[i] = random.nextInt(HUNDRED) < discoPercent;
        }
    }

    /** Reads {@code 100:50,1400:50}, sizes and weights, or one size; throws {@link UserError}. */
    static PacketMix parse(String text, int discoPercent) {
        if (discoPercent < 0 || discoPercent > HUNDRED) {
            throw new UserError("--disco " + discoPercent + " is no percentage; give 0 to 100");
        }
        return new PacketMix(
                Arrays.stream(text.split(",", -1)).map(PacketMix::share).toList(), discoPercent);
    }

    /** Bytes of the packet with that index. */
    int size(long index) {
        return Short.toUnsignedInt(sizes[(int) index & (TABLE - 1)]) + 1;
    }

    /** Whether it looks like disco. */
    boolean isDisco(long index) {
        return disco[(int) index & (TABLE - 1)];
    }

    /** Bytes of the longest packet. */
    int longest() {
        return shares.stream().mapToInt(Share::size).max().orElseThrow();
    }

    /** Readable: {@code 100 B}, or {@code 100:50,1400:50}. */
    @Override
    public String toString() {
        String text = shares.size() == 1
                ? shares.getFirst().size() + " B"
                : shares.stream().map(Share::toString).collect(Collectors.joining(","));
        return discoPercent == 0 ? text : text + ", " + discoPercent + " % disco";
    }

    private static Share share(String text) {
        String[] parts = text.strip().split(":", -1);
        try {
            int size = Integer.parseInt(parts[0]);
            int weight = parts.length < 2 ? 1 : Integer.parseInt(parts[1]);
            if (size < MIN_SIZE || size > MAX_SIZE) {
                throw new UserError("a packet of " + size + " bytes cannot be sent: the load's own fields and a"
                        + " mesh's shortest packet take " + MIN_SIZE + ", and DERP carries " + MAX_SIZE + " at most");
            }
            if (parts.length <= 2 && weight > 0 && weight <= TABLE) {
                return new Share(size, weight);
            }
        } catch (NumberFormatException notANumber) {
            // Said below.
        }
        throw new UserError("the packet size \"" + text + "\" is not understood; write BYTES, or BYTES:WEIGHT with"
                + " weights from 1 to " + TABLE + ", such as 100:50,1400:50");
    }
}
