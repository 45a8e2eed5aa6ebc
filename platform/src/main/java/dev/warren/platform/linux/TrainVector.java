package dev.warren.platform.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * An array of {@code struct mmsghdr} to send, each with an address, control messages and any number of iovecs, which lie
 * one behind the other: those of a message follow those of the message before. Layout as in {@link MessageVector}.
 */
final class TrainVector {
    private static final int HEADER_BYTES = 64;
    private static final int NAME_LENGTH = 8;
    private static final int PARTS = 16;
    private static final int PART_COUNT = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int PART_BYTES = 16;
    private static final int NAME_BYTES = 32;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private final int messages;
    private final int maxParts;
    private final MemorySegment headers;
    private final MemorySegment parts;
    private final MemorySegment names;
    private final MemorySegment controls;

    TrainVector(int messages, int maxParts) {
        this.messages = messages;
        this.maxParts = maxParts;
        Arena arena = Arena.ofAuto();
        headers = arena.allocate((long) messages * HEADER_BYTES, 8);
        parts = arena.allocate((long) maxParts * PART_BYTES, 8);
        names = arena.allocate((long) messages * NAME_BYTES, 8);
        controls = arena.allocate((long) messages * ControlMessages.BYTES, 8);
        for (int i = 0; i < messages; i++) {
            headers.set(LONG, header(i), names.address() + nameOffset(i));
            headers.set(LONG, header(i) + CONTROL, controls.address() + controlOffset(i));
        }
    }

    int messages() {
        return messages;
    }

    int maxParts() {
        return maxParts;
    }

    /** The address of message {@code index} and those behind, for sendmmsg; the caller keeps this object reachable. */
    long address(int index) {
        return headers.address() + header(index);
    }

    /** Message {@code index} has {@code count} parts from {@code first} on. */
    void setParts(int index, int first, int count) {
        headers.set(LONG, header(index) + PARTS, parts.address() + (long) first * PART_BYTES);
        headers.set(LONG, header(index) + PART_COUNT, count);
    }

    void setPart(int part, long address, long bytes) {
        parts.set(LONG, (long) part * PART_BYTES, address);
        parts.set(LONG, (long) part * PART_BYTES + 8, bytes);
    }

    long partAddress(int part) {
        return parts.get(LONG, (long) part * PART_BYTES);
    }

    long partBytes(int part) {
        return parts.get(LONG, (long) part * PART_BYTES + 8);
    }

    /** Writes the address of message {@code index} by way of {@code known}. */
    void setName(int index, WrittenAddresses known, InetSocketAddress address) {
        headers.set(INT, header(index) + NAME_LENGTH, known.write(address, names, nameOffset(index)));
    }

    /** Writes all control messages of message {@code index}; without a segment's size when that is 0. */
    void setControl(int index, boolean six, @Nullable LocalSource source, int trafficClass, int segmentBytes) {
        int bytes = ControlMessages.write(controls, controlOffset(index), six, source, trafficClass);
        headers.set(LONG, header(index) + CONTROL_LENGTH, bytes);
        if (segmentBytes > 0) {
            addSegment(index, segmentBytes);
        }
    }

    /** Makes message {@code index} a train, whose control messages said nothing about that yet. */
    void addSegment(int index, int segmentBytes) {
        long bytes = headers.get(LONG, header(index) + CONTROL_LENGTH);
        ControlMessages.writeSegment(controls, controlOffset(index) + bytes, segmentBytes);
        headers.set(LONG, header(index) + CONTROL_LENGTH, bytes + ControlMessages.SEGMENT_BYTES);
    }

    /** Gives message {@code index} the address and the control messages of a train elsewhere, but no segment's size. */
    void borrow(int index, TrainVector from, int train) {
        headers.set(LONG, header(index), from.headers.get(LONG, header(train)));
        headers.set(INT, header(index) + NAME_LENGTH, from.headers.get(INT, header(train) + NAME_LENGTH));
        headers.set(LONG, header(index) + CONTROL, from.headers.get(LONG, header(train) + CONTROL));
        long bytes = from.headers.get(LONG, header(train) + CONTROL_LENGTH);
        headers.set(LONG, header(index) + CONTROL_LENGTH, bytes - ControlMessages.SEGMENT_BYTES);
    }

    private static long header(int index) {
        return (long) index * HEADER_BYTES;
    }

    private static long nameOffset(int index) {
        return (long) index * NAME_BYTES;
    }

    private static long controlOffset(int index) {
        return (long) index * ControlMessages.BYTES;
    }
}
