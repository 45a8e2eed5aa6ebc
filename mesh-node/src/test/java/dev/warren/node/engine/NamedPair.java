package dev.warren.node.engine;

import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.IpPrefix;
import dev.warren.protocol.wireguard.Peer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Predicate;

/** A client that knows its server by name, the server, a DNS that the test writes, and a clock that jumps. */
final class NamedPair {
    static final long MILLI = 1_000_000L;
    static final long SECOND = 1_000 * MILLI;
    static final String NAME = "vpn.example.org";
    static final int PORT = 51820;
    private static final long DNS_NANOS = 20 * MILLI;
    private static final long WIRE_NANOS = 5 * MILLI;

    private record Event(long at, long order, Runnable action) {}

    /** What DNS says; a name that is not in it does not exist. */
    final Map<String, List<InetAddress>> dns = new HashMap<>();

    /** What has no route. */
    Predicate<InetAddress> unrouted = _ -> false;

    /** When each name was asked for. */
    final List<Long> askedAt = new ArrayList<>();

    final List<String> asked = new ArrayList<>();
    final List<String> complaints = new ArrayList<>();

    /** Whether DNS answers; what is asked meanwhile never is. */
    boolean dnsAnswers = true;

    /** Which of the client's datagrams arrive. */
    Predicate<byte[]> passes = _ -> true;

    /** Where the server is; it sends from there. */
    InetSocketAddress serverAt = at("192.0.2.10");

    /** Where the client's datagrams went, in order, each run of equal ones once. */
    final List<InetSocketAddress> tried = new ArrayList<>();

    final End client = new End(1);
    final End server = new End(2);
    long now = SECOND;
    private final PriorityQueue<Event> events = new PriorityQueue<>(
            (x, y) -> x.at() != y.at() ? Long.compare(x.at(), y.at()) : Long.compare(x.order(), y.order()));
    private long order;

    NamedPair() {
        for (End end : List.of(client, server)) {
            end.engine.setUnixOffset(1_700_000_000L * SECOND);
            Peer peer = end.engine.device().addPeer(end.other().key.publicKey(), now);
            end.engine.device().allowedIps().insert(IpPrefix.host(end.other().inner), peer);
        }
    }

    static InetSocketAddress at(String address) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), PORT);
    }

    void dns(String... addresses) {
        dns.put(NAME, Arrays.stream(addresses).map(InetAddress::ofLiteral).toList());
    }

    /** Gives the client's peer its name. */
    void setName() {
        client.engine.names().set(client.peer(), NAME, PORT, now);
    }

    void run(long nanos) {
        long end = now + nanos;
        while (true) {
            Event next = events.peek();
            long at = Math.min(
                    next == null ? Long.MAX_VALUE : next.at(),
                    Math.min(client.engine.nextDeadlineNanos(), server.engine.nextDeadlineNanos()));
            if (at > end) {
                now = end;
                return;
            }
            now = Math.max(now, at);
            if (next != null && next.at() <= now) {
                events.remove();
                next.action().run();
            }
            client.engine.poll(now);
            server.engine.poll(now);
        }
    }

    /** Has the client send a packet a second until one arrives that was sent after now; the seconds that it took. */
    int secondsUntilOneArrives(int atMost) {
        int before = server.received;
        for (int second = 0; second < atMost; second++) {
            client.send();
            run(SECOND);
            if (server.received > before) {
                return second + 1;
            }
        }
        throw new AssertionError("nothing arrived in " + atMost + " s; tried " + tried);
    }

    private void later(long delay, Runnable action) {
        events.add(new Event(now + delay, order++, action));
    }

    /** One of the two. */
    final class End implements MeshEngine.Ports {
        final NodePrivateKey key;
        final InetAddress inner;
        final MeshEngine engine;
        InetSocketAddress address = at("198.51.100.1");
        int received;
        int unreachable;

        End(int number) {
            Random random = new Random(number);
            key = NodePrivateKey.generate(random);
            inner = InetAddress.ofLiteral("10.0.0." + number);
            engine = new MeshEngine(new EngineConfig(key, DiscoPrivateKey.generate(random), 1280), random, this);
        }

        End other() {
            return this == client ? server : client;
        }

        Peer peer() {
            return Objects.requireNonNull(engine.device().peer(other().key.publicKey()));
        }

        InetSocketAddress endpoint() {
            return Objects.requireNonNull(peer().endpoint());
        }

        void send() {
            byte[] buffer = new byte[Device.HEADROOM + 40 + Device.TAILROOM];
            buffer[Device.HEADROOM] = 0x45;
            buffer[Device.HEADROOM + 3] = 40;
            System.arraycopy(inner.getAddress(), 0, buffer, Device.HEADROOM + 12, 4);
            System.arraycopy(other().inner.getAddress(), 0, buffer, Device.HEADROOM + 16, 4);
            engine.onTun(MemorySegment.ofArray(buffer), Device.HEADROOM, 40, now);
        }

        @Override
        public void sendUdp(InetSocketAddress to, byte[] buffer, int offset, int length) {
            byte[] copy = Arrays.copyOfRange(buffer, offset, offset + length);
            boolean isClient = this == client;
            if (isClient && (tried.isEmpty() || !tried.getLast().equals(to))) {
                tried.add(to);
            }
            InetSocketAddress from = isClient ? address : serverAt;
            later(WIRE_NANOS, () -> {
                boolean arrives = isClient ? to.equals(serverAt) && passes.test(copy) : to.equals(client.address);
                if (arrives) {
                    other().engine.onUdp(from, null, 0, MemorySegment.ofArray(copy), 0, copy.length, now);
                }
            });
        }

        @Override
        public void lookUp(String host) {
            asked.add(host);
            askedAt.add(now);
            if (!dnsAnswers) {
                return;
            }
            later(DNS_NANOS, () -> {
                List<InetAddress> all = dns.getOrDefault(host, List.of());
                if (all.isEmpty()) {
                    engine.names().failed(host, host + " is unknown", now);
                } else {
                    List<InetAddress> routed =
                            all.stream().filter(unrouted.negate()).toList();
                    List<InetAddress> others = all.stream().filter(unrouted).toList();
                    engine.names().found(host, routed, others, now);
                }
            });
        }

        @Override
        public void hostUnknown(String host, String why) {
            complaints.add(why);
        }

        @Override
        public void sendRelay(int region, NodePublicKey to, byte[] buffer, int offset, int length) {
            throw new AssertionError("there is no relay");
        }

        @Override
        public void deliver(MemorySegment memory, long offset, int length) {
            if (memory.get(ValueLayout.JAVA_BYTE, offset) != 0x45) {
                throw new AssertionError("another packet than was sent");
            }
            received++;
        }

        @Override
        public void unreachable(MemorySegment memory, long offset, int length) {
            unreachable++;
        }

        @Override
        public void endpointsChanged(List<InetSocketAddress> endpoints) {}

        @Override
        public void homeRegionChanged(int region) {}

        @Override
        public void pingAnswered(long token, PingAnswer answer) {}
    }
}
