package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.AF_INET;
import static dev.warren.platform.linux.Constants.AF_INET6;
import static dev.warren.platform.linux.Constants.O_CLOEXEC;
import static dev.warren.platform.linux.Constants.SOCK_DGRAM;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.IDN;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * Host names to addresses by the system's resolver, getaddrinfo(3). Unlike the JDK's look-ups it remembers nothing
 * between two calls, so that a changed address is seen, asks in the network namespace of the calling thread only, and
 * keeps the resolver's order (RFC 6724).
 */
public final class HostLookup {
    /**
     * The addresses of a name, each once, the best first.
     *
     * @param routed those that the machine has a route to
     * @param unrouted the others
     */
    public record Answer(List<InetAddress> routed, List<InetAddress> unrouted) {
        /** Copies the lists. */
        public Answer {
            routed = List.copyOf(routed);
            unrouted = List.copyOf(unrouted);
        }
    }

    /** So many of a name's addresses are looked at; no more than a handful can be tried in useful time. */
    private static final int MAX_ADDRESSES = 16;

    // struct addrinfo of glibc and musl on 64 bits: flags, family, socktype, protocol i32, address length u32, padding,
    // then pointers to address, canonical name and next
    private static final int ADDRINFO_BYTES = 48;
    private static final int FAMILY_PLACE = 4;
    private static final int TYPE_PLACE = 8;
    private static final int ADDRESS_PLACE = 24;
    private static final int NEXT_PLACE = 40;

    // netdb.h
    private static final int EAI_NONAME = -2;
    private static final int EAI_AGAIN = -3;
    private static final int EAI_NODATA = -5;

    private HostLookup() {}

    /**
     * Looks {@code host} up; waits as long as the system's resolver does, by default up to 30 s.
     *
     * @throws UnknownHostException with a sentence, when it has no address or nobody answers
     */
    public static Answer find(String host) throws UnknownHostException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment hints = arena.allocate(ADDRINFO_BYTES, 8);
            hints.set(ValueLayout.JAVA_INT, TYPE_PLACE, SOCK_DGRAM); // otherwise each address comes once a protocol
            MemorySegment result = arena.allocate(ValueLayout.ADDRESS);
            int failure = Libc.getaddrinfo(arena.allocateFrom(ascii(host)), hints, result);
            if (failure != 0) {
                throw new UnknownHostException(sentence(host, failure));
            }
            MemorySegment first = result.get(ValueLayout.ADDRESS, 0);
            try {
                return answer(addresses(first));
            } finally {
                Libc.freeaddrinfo(first);
            }
        }
    }

    /** A name in other scripts as DNS has it (RFC 3490). */
    private static String ascii(String host) throws UnknownHostException {
        try {
            return IDN.toASCII(host, IDN.ALLOW_UNASSIGNED);
        } catch (IllegalArgumentException malformed) {
            throw new UnknownHostException(sentence(host, EAI_NONAME));
        }
    }

    private static List<InetAddress> addresses(MemorySegment first) {
        List<InetAddress> addresses = new ArrayList<>();
        MemorySegment at = first;
        while (at.address() != 0 && addresses.size() < MAX_ADDRESSES) {
            MemorySegment entry = at.reinterpret(ADDRINFO_BYTES);
            int family = entry.get(ValueLayout.JAVA_INT, FAMILY_PLACE);
            if (family == AF_INET || family == AF_INET6) {
                MemorySegment address =
                        entry.get(ValueLayout.ADDRESS, ADDRESS_PLACE).reinterpret(SocketAddresses.BYTES);
                InetAddress found =
                        SocketAddresses.decode(address, 0, family == AF_INET6).getAddress();
                if (!addresses.contains(found)) {
                    addresses.add(found);
                }
            }
            at = entry.get(ValueLayout.ADDRESS, NEXT_PLACE);
        }
        return addresses;
    }

    private static Answer answer(List<InetAddress> addresses) {
        List<InetAddress> routed = new ArrayList<>();
        List<InetAddress> unrouted = new ArrayList<>();
        for (InetAddress address : addresses) {
            (isRouted(address) ? routed : unrouted).add(address);
        }
        return new Answer(routed, unrouted);
    }

    /** Connecting a UDP socket sends nothing; it has the kernel look for a route. */
    static boolean isRouted(InetAddress address) {
        int family = address.getAddress().length == 4 ? AF_INET : AF_INET6;
        int number = Libc.socket(family, SOCK_DGRAM | O_CLOEXEC, 0);
        if (number < 0) {
            return false;
        }
        try (Descriptor socket = new Descriptor(number);
                Arena arena = Arena.ofConfined()) {
            MemorySegment destination = arena.allocate(SocketAddresses.BYTES, 8);
            int length = SocketAddresses.write(new InetSocketAddress(address, 1), destination, 0);
            return Libc.connect(socket.number(), destination, length) >= 0;
        }
    }

    private static String sentence(String host, int failure) {
        return switch (failure) {
            case EAI_NONAME, EAI_NODATA ->
                "the host \"" + host + "\" has no address: check its spelling and this machine's DNS";
            case EAI_AGAIN -> "the host \"" + host + "\" could not be looked up: this machine's DNS does not answer";
            default -> "the host \"" + host + "\" could not be looked up: getaddrinfo failed with " + failure;
        };
    }
}
