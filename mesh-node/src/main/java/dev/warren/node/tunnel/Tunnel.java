package dev.warren.node.tunnel;

import dev.warren.node.engine.EngineConfig;
import dev.warren.node.engine.MeshEngine;
import dev.warren.node.engine.NetworkChange;
import dev.warren.node.engine.PingAnswer;
import dev.warren.platform.crypto.CipherChoice;
import dev.warren.platform.crypto.X25519Choice;
import dev.warren.platform.linux.ChangedRoute;
import dev.warren.platform.linux.Clock;
import dev.warren.platform.linux.Errno;
import dev.warren.platform.linux.HostLookup;
import dev.warren.platform.linux.InterfaceFlags;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.Netlink;
import dev.warren.platform.linux.OffloadProbe;
import dev.warren.platform.linux.Offloads;
import dev.warren.platform.linux.TunDevice;
import dev.warren.platform.linux.UdpOptions;
import dev.warren.platform.linux.UdpPair;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.IpPrefix;
import dev.warren.protocol.wireguard.SourceAddress;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One WireGuard interface that runs: TUN device, UDP sockets, the datapath thread that owns the engine, and the watch
 * on the machine's addresses. The device vanishes with {@link #close()}, its addresses and routes with it.
 */
public final class Tunnel implements AutoCloseable {
    /**
     * What a tunnel is from its start on.
     *
     * @param interfaceName of the TUN device
     * @param port the UDP port of both families; 0 = any
     * @param mtuBytes of the TUN device
     * @param nodeKey the WireGuard key
     * @param discoKey of this process
     * @param acceleration what may make it fast
     */
    public record Settings(
            String interfaceName,
            int port,
            int mtuBytes,
            NodePrivateKey nodeKey,
            DiscoPrivateKey discoKey,
            Acceleration acceleration) {}

    /** What the tunnel needs of its owner, and tells it; all on the datapath thread, which must not be held up. */
    public interface Surroundings {
        /** A packet for a relay's client; copied before it returns. */
        void sendRelay(int region, NodePublicKey to, byte[] buffer, int offset, int length, long nowNanos);

        /** Our own addresses have changed. */
        void endpointsChanged(List<InetSocketAddress> endpoints);

        /** We listen in another relay region from now on. */
        void homeRegionChanged(int region, long nowNanos);

        /** A user's ping was answered. */
        void pingAnswered(long token, PingAnswer answer);

        /** Whether a relay that we are connected to is at one of these addresses. */
        default boolean hasRelayIn(IpPrefix block) {
            return false;
        }

        /** The machine's network has changed, or it has slept; {@code isLost} when something of it is gone. */
        default void networkChanged(boolean isLost) {}

        /** The interface was switched on again: the kernel has forgotten its routes. */
        default void cameUp() {}

        /** The tunnel is over though nobody closed it; a sentence says why. */
        void ended(String reason);
    }

    private static final Logger LOG = LoggerFactory.getLogger(Tunnel.class);

    /** The longest that a datagram can be. */
    private static final int MAX_MESSAGE_BYTES = 65_535 + 64;

    private static final long SECOND_NANOS = 1_000_000_000L;

    private final Datapath datapath;
    private final MeshEngine engine;
    private final Surroundings surroundings;
    private final int mtuBytes;
    private final CipherChoice ciphers;
    private final HostResolver resolver;
    private final SleepWatch sleep = new SleepWatch(Clock.suspendedNanos()); // datapath thread
    private @Nullable InterfaceFlags flags; // datapath thread
    private List<InetAddress> localAddresses = List.of(); // datapath thread
    private volatile boolean isIpv6Off;
    private volatile @Nullable InterfaceMonitor monitor;

    private Tunnel(Datapath datapath, Settings settings, CipherChoice ciphers, Surroundings surroundings) {
        this.datapath = datapath;
        this.ciphers = ciphers;
        this.surroundings = surroundings;
        this.mtuBytes = settings.mtuBytes();
        EngineConfig config = new EngineConfig(settings.nodeKey(), settings.discoKey(), settings.mtuBytes());
        this.engine = new MeshEngine(config, new SecureRandom(), ciphers, new EnginePorts());
        engine.setUnixOffset(unixOffsetNanos(Clock.bootTimeNanos()));
        engine.device().holdHandshakes();
        this.resolver = new HostResolver(datapath.interfaceName(), new LookedUp());
    }

    /**
     * Opens device and sockets, brings the device up and starts the datapath. The LinuxException's sentence names what
     * is missing: a capability, {@code /dev/net/tun}, a free name or port; a UserError's that the cipher is.
     */
    public static Tunnel open(Settings settings, Surroundings surroundings) throws LinuxException {
        return open(settings, surroundings, OptionalInt.empty());
    }

    /**
     * The same on a TUN device that whoever started this process has opened as {@code descriptor}, when there is one: the
     * device has a name already, is not switched on, and gets the MTU unless it is in another network namespace.
     */
    public static Tunnel open(Settings settings, Surroundings surroundings, OptionalInt descriptor)
            throws LinuxException {
        Acceleration acceleration = settings.acceleration();
        boolean anyOffload = !acceleration.offloads().equals(Offloads.NONE);
        if (anyOffload) {
            OffloadProbe.ahead();
        }
        X25519Choice.putInForce();
        CipherChoice ciphers = CipherChoice.shared(acceleration.cipher());
        OffloadSwitches switches =
                new OffloadSwitches(acceleration.offloads(), anyOffload ? OffloadProbe.shared() : Offloads.NONE);
        TunDevice tun = descriptor.isPresent()
                ? TunDevice.adopt(descriptor.getAsInt(), switches.forTun())
                : TunDevice.open(settings.interfaceName(), switches.forTun());
        Datapath datapath;
        try {
            datapath = Datapath.open(
                    tun, UdpPair.open(settings.port(), UdpOptions.DEFAULT), DatapathLimits.DEFAULT, switches);
        } catch (LinuxException refused) {
            tun.close();
            throw refused;
        }
        LOG.info("{}: cipher {}, offloads {}", tun.name(), ciphers.name(), datapath.offloads());
        Tunnel tunnel = new Tunnel(datapath, settings, ciphers, surroundings);
        try {
            tunnel.start(descriptor.isEmpty());
        } catch (LinuxException | RuntimeException failed) {
            tunnel.close();
            throw failed;
        }
        return tunnel;
    }

    private void start(boolean isOwn) throws LinuxException {
        String name = datapath.interfaceName();
        datapath.start(new Driver(), surroundings::ended);
        try (Netlink netlink = Netlink.open()) {
            if (isOwn) {
                netlink.withoutLinkLocal(name);
                netlink.bringUp(name, mtuBytes);
            } else if (netlink.link(name) != null) {
                netlink.withoutLinkLocal(name);
                netlink.setMtu(name, mtuBytes);
            }
        }
        InterfaceFlags here = InterfaceFlags.open(datapath.interfaceName());
        if (!command((_, _) -> flags = here)) {
            here.close();
        }
        monitor = InterfaceMonitor.start(datapath.interfaceName(), datapath::deviceNamespace, new Watcher());
    }

    /** On the datapath thread, as are the next three. */
    private void networkChanged(NetworkChange change, long nowNanos) {
        engine.networkChanged(change, withPort(localAddresses), nowNanos);
        if (!change.isNone()) {
            LOG.debug("{}: the network has changed: {}", datapath.interfaceName(), change);
            datapath.networkChanged();
            surroundings.networkChanged(change.isLost());
        }
    }

    /** What these routes are for the ways in use. */
    private NetworkChange rerouted(List<ChangedRoute> routes) {
        NetworkChange whole = NetworkChange.NONE;
        for (ChangedRoute route : routes) {
            IpPrefix block = route.destination();
            if (engine.hasWayInto(block) || surroundings.hasRelayIn(block)) {
                whole = whole.and(route.isGone() ? NetworkChange.LOST : NetworkChange.REPLACED);
            }
        }
        return whole;
    }

    private void lookWhetherSlept(long nowNanos) {
        long sleptNanos = sleep.slept(Clock.suspendedNanos());
        if (sleptNanos > 0) {
            networkChanged(NetworkChange.slept(sleptNanos), nowNanos);
        }
    }

    private void setUp(boolean isUp, long nowNanos) {
        if (!isUp) {
            engine.device().down();
        } else if (!engine.device().isUp()) {
            engine.deviceUp(nowNanos);
            surroundings.cameUp();
        }
    }

    private void setFlags(InterfaceFlags now) {
        InterfaceFlags before = flags;
        flags = now;
        if (before != null) {
            before.close();
        }
    }

    /**
     * Adds and removes addresses of the device, each on its own, without a network around it. Where this machine has IPv6
     * switched off, as Docker has it in containers, those of IPv6 are left out.
     */
    public void changeAddresses(Collection<InetAddress> added, Collection<InetAddress> removed) throws LinuxException {
        try (Netlink netlink = Netlink.open()) {
            for (InetAddress address : removed) {
                unlessIpv6IsOff(
                        address,
                        () -> netlink.removeAddress(
                                datapath.interfaceName(), address, 8 * address.getAddress().length));
            }
            for (InetAddress address : added) {
                unlessIpv6IsOff(
                        address,
                        () -> netlink.addAddress(datapath.interfaceName(), address, 8 * address.getAddress().length));
            }
        }
    }

    /** A change of the device's settings. */
    @FunctionalInterface
    private interface Change {
        void make() throws LinuxException;
    }

    private void unlessIpv6IsOff(InetAddress about, Change change) throws LinuxException {
        try {
            change.make();
        } catch (LinuxException refused) {
            boolean isOff = refused.is(Errno.EACCES) || refused.is(Errno.EAFNOSUPPORT) || refused.is(Errno.EOPNOTSUPP);
            // What was left out when it was off is not there to be taken away.
            boolean wasLeftOut = isIpv6Off && (refused.is(Errno.EADDRNOTAVAIL) || refused.is(Errno.ESRCH));
            if (!(about instanceof Inet6Address) || !(isOff || wasLeftOut)) {
                throw refused;
            }
            if (!isIpv6Off) {
                isIpv6Off = true;
                LOG.warn(
                        "IPv6 is switched off on {} (sysctl net.ipv6.conf.all.disable_ipv6): it has IPv4 only",
                        datapath.interfaceName());
            }
        }
    }

    /** Moves both sockets to another port, 0 = any. On the datapath thread. */
    public void rebind(int port, int mark) throws LinuxException {
        UdpOptions usual = UdpOptions.DEFAULT;
        datapath.replaceSockets(
                UdpPair.open(port, new UdpOptions(usual.receiveBufferBytes(), usual.sendBufferBytes(), mark)));
        engine.device().forgetSources(_ -> true);
        engine.setLocalEndpoints(withPort(localAddresses), Clock.bootTimeNanos());
    }

    /** Adds and removes routes to the device; those of IPv6 are left out where IPv6 is switched off. */
    public void changeRoutes(Collection<IpPrefix> added, Collection<IpPrefix> removed) throws LinuxException {
        try (Netlink netlink = Netlink.open()) {
            for (IpPrefix route : removed) {
                unlessIpv6IsOff(route.address(), () -> netlink.removeRoute(route, datapath.interfaceName()));
            }
            for (IpPrefix route : added) {
                unlessIpv6IsOff(route.address(), () -> netlink.addRoute(route, datapath.interfaceName()));
            }
        }
    }

    /** The device's name. */
    public String interfaceName() {
        return datapath.interfaceName();
    }

    /** The UDP port of both families. */
    public int port() {
        return datapath.port();
    }

    /** What seals its packets. */
    public CipherChoice.InForce cipher() {
        return ciphers.inForce();
    }

    /** The datapath, for what moves packets and sockets. */
    public Datapath datapath() {
        return datapath;
    }

    /** The engine; to be touched on the datapath thread only. */
    public MeshEngine engine() {
        return engine;
    }

    /** Has the datapath thread do something with the engine soon; false when it is overloaded or has ended. */
    public boolean command(BiConsumer<MeshEngine, Long> command) {
        return datapath.submit(now -> command.accept(engine, now));
    }

    /** Asks the engine something on the datapath thread. */
    public <T> CompletableFuture<T> ask(BiFunction<MeshEngine, Long, T> question) {
        return datapath.ask(now -> question.apply(engine, now));
    }

    /** Ends the datapath; the device and the sockets are gone when it returns. */
    @Override
    public void close() {
        InterfaceMonitor watching = monitor;
        if (watching != null) {
            watching.close();
        }
        resolver.close();
        datapath.close();
        InterfaceFlags last = flags; // the thread that used it has ended
        if (last != null) {
            last.close();
        }
    }

    private List<InetSocketAddress> withPort(List<InetAddress> addresses) {
        return addresses.stream()
                .map(address -> new InetSocketAddress(address, datapath.port()))
                .toList();
    }

    private static long unixOffsetNanos(long nowNanos) {
        Instant wall = Instant.now();
        return Math.addExact(Math.multiplyExact(wall.getEpochSecond(), SECOND_NANOS), wall.getNano()) - nowNanos;
    }

    /** Passes what the datapath reads to the engine, and keeps the engine's wall time right. */
    private final class Driver implements PacketEngine {
        private static final long LOOK_NANOS = 1_000_000;

        private final HandshakeWork handshakes = new HandshakeWork.OfMesh(engine);
        private long nextClockNanos = Long.MIN_VALUE;
        private long nextLookNanos = Long.MIN_VALUE;

        /** The notice that the device is up comes a moment later than the first packets may. */
        private void lookWhetherUp(long nowNanos) {
            InterfaceFlags current = flags;
            if (!engine.device().isUp() && current != null && nowNanos >= nextLookNanos) {
                nextLookNanos = nowNanos + LOOK_NANOS;
                if (current.isUp()) {
                    setUp(true, nowNanos);
                }
            }
        }

        @Override
        public void onTun(MemorySegment memory, long offset, int length, long nowNanos) {
            lookWhetherUp(nowNanos);
            engine.onTun(memory, offset, length, nowNanos);
        }

        @Override
        public void onUdp(
                InetSocketAddress source,
                @Nullable SourceAddress local,
                int ecn,
                MemorySegment memory,
                long offset,
                int length,
                long nowNanos) {
            lookWhetherUp(nowNanos);
            engine.onUdp(source, local, ecn, memory, offset, length, nowNanos);
        }

        @Override
        public void onRelay(
                int region, NodePublicKey source, MemorySegment memory, long offset, int length, long nowNanos) {
            lookWhetherUp(nowNanos);
            engine.onRelay(region, source, memory, offset, length, nowNanos);
        }

        @Override
        public void onSendFailed(Set<InetSocketAddress> destinations, long nowNanos) {
            engine.onSendFailed(destinations, nowNanos);
        }

        @Override
        public void onSourceRefused(InetSocketAddress destination, SourceAddress source) {
            engine.onSourceRefused(destination, source);
        }

        @Override
        public HandshakeWork handshakes() {
            return handshakes;
        }

        @Override
        public void poll(long nowNanos) {
            if (nowNanos >= nextClockNanos) {
                nextClockNanos = nowNanos + SECOND_NANOS;
                engine.setUnixOffset(unixOffsetNanos(nowNanos));
                lookWhetherSlept(nowNanos); // before timers that became due in sleep take the keys away
            }
            engine.poll(nowNanos);
        }

        @Override
        public long nextDeadlineNanos() {
            return engine.nextDeadlineNanos();
        }
    }

    /** Passes what the monitor sees to the datapath's thread. */
    private final class Watcher implements InterfaceMonitor.Listener {
        private static final long PAUSE_NANOS = 50_000_000;
        private static final int MAX_TRIES = 100;

        @Override
        public void network(
                List<InetAddress> addresses,
                NetworkChange change,
                Predicate<SourceAddress> isUsable,
                List<ChangedRoute> routes) {
            tell(now -> {
                localAddresses = addresses;
                NetworkChange rerouted = rerouted(routes);
                engine.device().forgetSources(source -> !rerouted.isNone() || !isUsable.test(source));
                networkChanged(change.and(rerouted), now);
            });
        }

        @Override
        public void mtu(int bytes) {
            tell(_ -> engine.device().setMtu(bytes));
        }

        @Override
        public void state(boolean isUp) {
            tell(now -> setUp(isUp, now));
        }

        @Override
        public void moved(InterfaceFlags there) {
            if (!tell(_ -> setFlags(there))) {
                there.close();
            }
        }

        @Override
        public void slept() {
            tell(Tunnel.this::lookWhetherSlept);
        }

        /** Changes are told once, so an overloaded datapath gets some time; false when that was in vain. */
        private boolean tell(Datapath.Command command) {
            for (int i = 0; i < MAX_TRIES; i++) {
                InterfaceMonitor telling = monitor;
                if (datapath.submit(command)) {
                    return true;
                }
                if (telling != null && telling.isClosing()) {
                    return false;
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            return false;
        }
    }

    /** Passes what was looked up to the engine; false when it has no time for it. */
    private final class LookedUp implements HostResolver.Listener {
        @Override
        public boolean found(String host, HostLookup.Answer answer) {
            return command((engine, now) -> engine.names().found(host, answer.routed(), answer.unrouted(), now));
        }

        @Override
        public boolean failed(String host, String why) {
            return command((engine, now) -> engine.names().failed(host, why, now));
        }
    }

    /** Passes what the engine wants to the datapath and to the owner. */
    private final class EnginePorts implements MeshEngine.Ports {
        private final byte[] relayed = new byte[MAX_MESSAGE_BYTES];

        @Override
        public void sendUdp(InetSocketAddress to, byte[] buffer, int offset, int length) {
            datapath.sendUdp(to, buffer, offset, length);
        }

        @Override
        public void sendUdp(
                InetSocketAddress to,
                @Nullable SourceAddress from,
                int trafficClass,
                MemorySegment memory,
                long offset,
                int length) {
            datapath.sendUdp(to, from, trafficClass, memory, offset, length);
        }

        @Override
        public void sendUdp(InetSocketAddress to, long header, MemorySegment memory, long offset, int length) {
            datapath.sendUdp(to, header, memory, offset, length);
        }

        @Override
        public void sendRelay(int region, NodePublicKey to, MemorySegment memory, long offset, int length) {
            MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, relayed, 0, length);
            surroundings.sendRelay(region, to, relayed, 0, length, Clock.bootTimeNanos());
        }

        @Override
        public void sendRelay(int region, NodePublicKey to, byte[] buffer, int offset, int length) {
            surroundings.sendRelay(region, to, buffer, offset, length, Clock.bootTimeNanos());
        }

        @Override
        public void deliver(MemorySegment memory, long offset, int length) {
            datapath.deliver(memory, offset, length);
        }

        @Override
        public void unreachable(MemorySegment memory, long offset, int length) {
            datapath.answerUnreachable(memory, offset, length);
        }

        @Override
        public void lookUp(String host) {
            if (!resolver.lookUp(host)) {
                LOG.debug("{} is not looked up: too many look-ups hang, or the interface ends", host);
            }
        }

        @Override
        public void hostUnknown(String host, String why) {
            LOG.warn("{}: {}; it is looked up again, at least once a minute", datapath.interfaceName(), why);
        }

        @Override
        public void peersLeftOut(int count) {
            LOG.warn("{}: {} of the coordinator's peers left out for want of room", datapath.interfaceName(), count);
        }

        @Override
        public void endpointsChanged(List<InetSocketAddress> endpoints) {
            surroundings.endpointsChanged(endpoints);
        }

        @Override
        public void homeRegionChanged(int region) {
            surroundings.homeRegionChanged(region, Clock.bootTimeNanos());
        }

        @Override
        public void pingAnswered(long token, PingAnswer answer) {
            surroundings.pingAnswered(token, answer);
        }
    }
}
