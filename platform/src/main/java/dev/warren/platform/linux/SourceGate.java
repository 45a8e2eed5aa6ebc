package dev.warren.platform.linux;

import static dev.warren.platform.linux.BpfCode.ADD;
import static dev.warren.platform.linux.BpfCode.AND;
import static dev.warren.platform.linux.BpfCode.FRAME;
import static dev.warren.platform.linux.BpfCode.IF_EQUAL;
import static dev.warren.platform.linux.BpfCode.IF_GREATER;
import static dev.warren.platform.linux.BpfCode.IF_NOT_EQUAL;
import static dev.warren.platform.linux.BpfCode.MODULO;
import static dev.warren.platform.linux.BpfCode.MOVE;
import static dev.warren.platform.linux.BpfCode.MULTIPLY;
import static dev.warren.platform.linux.BpfCode.SHIFT_RIGHT;
import static dev.warren.platform.linux.BpfCode.SUBTRACT;
import static dev.warren.platform.linux.BpfCode.XOR;

/**
 * A gate in front of a UDP socket, kept by the kernel: the first datagrams of a network in some seconds go through, those
 * of sources that are expected at a rate for each, and of all others so many a second. So a flood from false addresses does
 * not fill the socket's buffer, in which else whoever comes newly would find no room; and what is turned away costs nothing
 * but the kernel's way up to there.
 *
 * <p>Networks are wide (/16, of IPv6 /32) and narrow (/24, /56). They are hashed into places with secret numbers, so that
 * nobody can aim at the place of another: a wide one into three, any of which lets it through, so that a flood from some
 * networks seldom has all that another could go through by. It needs CAP_BPF.
 */
public final class SourceGate implements AutoCloseable {
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    // linux/bpf.h: enum bpf_func_id, enum bpf_hdr_start_off
    private static final int MAP_LOOKUP_ELEM = 1;
    private static final int KTIME_GET_NS = 5;
    private static final int SKB_LOAD_BYTES_RELATIVE = 68;
    private static final int NETWORK_HEADER = 1;

    /** Where the source's first bytes are in an IP header, and how many are read. */
    private static final int IPV4_SOURCE_AT = 12;

    private static final int IPV6_SOURCE_AT = 8;

    /** The array: until when the others' rate is used up, how many were turned away, the places. */
    private static final int OTHERS = 0;

    private static final int TURNED_AWAY = 1;
    private static final int PLACES = 2;

    private static final int WIDE_TABLES = 3;

    /** In the frame: an index into the array, and the source's first bytes. */
    private static final int INDEX_AT = -4;

    private static final int SOURCE_AT = -16;

    private final Descriptor array;
    private final Descriptor expected;
    private final boolean isIpv6;

    private SourceGate(boolean isIpv6, Limits limits) throws LinuxException {
        this.isIpv6 = isIpv6;
        this.array = new Descriptor(LinuxException.check(Bpf.array(PLACES + limits.places()), "make an array for BPF"));
        try {
            this.expected = new Descriptor(LinuxException.check(Bpf.table(limits.sources()), "make a table for BPF"));
        } catch (LinuxException refused) {
            array.close();
            throw refused;
        }
    }

    /** So many datagrams a second, and so many of them at once after a silence. */
    public record Rate(int perSecond, int atOnce) {
        long spacingNanos() {
            return NANOS_PER_SECOND / perSecond;
        }
    }

    /**
     * Whom a gate lets through.
     *
     * @param widePlaces for wide networks, three times
     * @param narrowPlaces for narrow ones
     * @param restNanos how long a network counts as one of which somebody came
     * @param sources how many expected sources are kept
     * @param expected the rate of each of these
     * @param others the rate of all others together
     */
    public record Limits(int widePlaces, int narrowPlaces, long restNanos, int sources, Rate expected, Rate others) {
        int places() {
            return WIDE_TABLES * widePlaces + narrowPlaces;
        }
    }

    /** Puts a gate before a socket; to be closed with it. */
    static SourceGate before(Descriptor socket, boolean isIpv6, Limits limits, long secret) throws LinuxException {
        SourceGate gate = new SourceGate(isIpv6, limits);
        try (Descriptor program = new Descriptor(
                LinuxException.check(Bpf.load(gate.program(limits, secret)), "have the kernel take a program"))) {
            LinuxException.check(
                    socket.setOption(Constants.SOL_SOCKET, Constants.SO_ATTACH_BPF, program.number()),
                    "put a gate before the socket");
            return gate;
        } catch (LinuxException refused) {
            gate.close();
            throw refused;
        }
    }

    /**
     * From now on this source goes through at the rate of those who are expected, unless many others were expected since.
     *
     * @param source the bytes of an IPv4 address, the first eight of an IPv6 address, as a big-endian number
     */
    public void expect(long source) throws LinuxException {
        long bytes = isIpv6 ? Long.reverseBytes(source) : Integer.reverseBytes((int) source) & 0xffff_ffffL;
        LinuxException.check(Bpf.putIfAbsent(expected.number(), bytes), "expect a source");
    }

    /** How many datagrams were turned away so far. */
    public long turnedAway() {
        return Math.max(0, Bpf.read(array.number(), TURNED_AWAY));
    }

    /** The gate itself stays as long as its socket. */
    @Override
    public void close() {
        array.close();
        expected.close();
    }

    /** Registers: 6 the datagram, 7 the time, 8 a network. */
    private BpfCode program(Limits limits, long secret) {
        BpfCode code = new BpfCode()
                .computeWith(MOVE, 6, 1)
                .call(KTIME_GET_NS)
                .computeWith(MOVE, 7, 0)
                .compute(MOVE, 1, 0)
                .store(FRAME, SOURCE_AT, 1)
                .computeWith(MOVE, 1, 6)
                .compute(MOVE, 2, isIpv6 ? IPV6_SOURCE_AT : IPV4_SOURCE_AT)
                .computeWith(MOVE, 3, FRAME)
                .compute(ADD, 3, SOURCE_AT)
                .compute(MOVE, 4, isIpv6 ? Long.BYTES : Integer.BYTES)
                .compute(MOVE, 5, NETWORK_HEADER)
                .call(SKB_LOAD_BYTES_RELATIVE)
                .jump(IF_NOT_EQUAL, 0, 0, "through");
        entry(code, expected, SOURCE_AT).jump(IF_EQUAL, 0, 0, "unexpected");
        rate(code, limits.expected(), "unexpected").label("unexpected");
        // Little-endian: what comes first in an address is lowest in the number.
        long wide = isIpv6 ? 0xffff_ffffL : 0xffffL;
        int first = 0;
        for (int i = 0; i < WIDE_TABLES; i++) {
            place(code, wide, secret + i * GOLDEN_RATIO, first, limits.widePlaces(), limits.restNanos());
            first += limits.widePlaces();
        }
        long narrow = isIpv6 ? 0xff_ffff_ffff_ffffL : 0xff_ffffL;
        place(code, narrow, secret, first, limits.narrowPlaces(), limits.restNanos());
        others(code, limits);
        return code.label("through").compute(MOVE, 0, -1).exit();
    }

    /** Lets through when the network's place is at rest. */
    private void place(BpfCode code, long mask, long secret, int first, int count, long restNanos) {
        String taken = "taken" + first;
        code.load(8, FRAME, SOURCE_AT)
                .constant(1, mask)
                .computeWith(AND, 8, 1)
                .constant(1, secret)
                .computeWith(XOR, 8, 1)
                .constant(1, GOLDEN_RATIO)
                .computeWith(MULTIPLY, 8, 1)
                .computeWith(MOVE, 2, 8)
                .compute(SHIFT_RIGHT, 2, Integer.SIZE)
                .computeWith(XOR, 8, 2)
                .computeWith(MULTIPLY, 8, 1)
                .compute(SHIFT_RIGHT, 8, Integer.SIZE)
                .compute(MODULO, 8, count)
                .compute(ADD, 8, PLACES + first)
                .storeInt(FRAME, INDEX_AT, 8);
        entry(code, array, INDEX_AT)
                .jump(IF_EQUAL, 0, 0, "through")
                .load(1, 0, 0)
                .constant(2, restNanos)
                .computeWith(ADD, 1, 2)
                .jumpWith(IF_GREATER, 1, 7, taken)
                .store(0, 0, 7)
                .compute(MOVE, 0, -1)
                .exit()
                .label(taken);
    }

    private void others(BpfCode code, Limits limits) {
        code.storeIntConstant(FRAME, INDEX_AT, OTHERS);
        entry(code, array, INDEX_AT).jump(IF_EQUAL, 0, 0, "through");
        rate(code, limits.others(), "away").label("away").storeIntConstant(FRAME, INDEX_AT, TURNED_AWAY);
        entry(code, array, INDEX_AT)
                .jump(IF_EQUAL, 0, 0, "through")
                .compute(MOVE, 1, 1)
                .addAtomically(0, 0, 1)
                .compute(MOVE, 0, 0)
                .exit();
    }

    /**
     * Lets through at a rate: where register 0 points is the time until which it is used up, and each puts that off (GCRA,
     * ITU-T I.371). Whoever is too early goes on at the label.
     */
    private static BpfCode rate(BpfCode code, Rate rate, String tooEarly) {
        String used = "used before " + tooEarly;
        return code.load(1, 0, 0)
                .jumpWith(IF_GREATER, 1, 7, used)
                .computeWith(MOVE, 1, 7)
                .label(used)
                .computeWith(MOVE, 2, 1)
                .computeWith(SUBTRACT, 2, 7)
                .constant(3, rate.spacingNanos() * rate.atOnce())
                .jumpWith(IF_GREATER, 2, 3, tooEarly)
                .constant(3, rate.spacingNanos())
                .computeWith(ADD, 1, 3)
                .store(0, 0, 1)
                .compute(MOVE, 0, -1)
                .exit();
    }

    /** Register 0 points at the entry whose key stands so deep in the frame; 0 when there is none. */
    private static BpfCode entry(BpfCode code, Descriptor map, int keyAt) {
        return code.array(1, map.number())
                .computeWith(MOVE, 2, FRAME)
                .compute(ADD, 2, keyAt)
                .call(MAP_LOOKUP_ELEM);
    }
}
