package dev.warren.coordinator;

import dev.warren.coordinator.registry.AddressPool;
import dev.warren.coordinator.registry.Decision;
import dev.warren.coordinator.registry.Member;
import dev.warren.coordinator.registry.NewToken;
import dev.warren.coordinator.registry.RegisteredRelay;
import dev.warren.coordinator.registry.Registry;
import dev.warren.coordinator.registry.TokenRequest;
import dev.warren.coordinator.registry.Write;
import dev.warren.coordinator.store.Entry;
import dev.warren.coordinator.store.Range;
import dev.warren.coordinator.store.Store;
import dev.warren.coordinator.topology.Leases;
import dev.warren.coordinator.topology.PathTable;
import dev.warren.coordinator.topology.PresenceTracker;
import dev.warren.coordinator.topology.Topology;
import dev.warren.coordinator.topology.TopologySnapshot;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.coordination.ErrorCode;
import dev.warren.protocol.coordination.KnownNode;
import dev.warren.protocol.coordination.LeaseAnswer;
import dev.warren.protocol.coordination.LeaseEndAnswer;
import dev.warren.protocol.coordination.LeaseEndRequest;
import dev.warren.protocol.coordination.LeaseRequest;
import dev.warren.protocol.coordination.MeshId;
import dev.warren.protocol.coordination.NodeRecord;
import dev.warren.protocol.coordination.RegisterAnswer;
import dev.warren.protocol.coordination.RegisterRequest;
import dev.warren.protocol.coordination.UpdateAnswer;
import dev.warren.protocol.coordination.UpdateRequest;
import dev.warren.protocol.coordination.Versions;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.key.IdentityPublicKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The coordinator without its listeners. One thread, {@code coordinator-core}, owns the registry, the topology's
 * changes, the presence and all writes to the store; every public method may be called from any thread, and
 * {@link #snapshot} never waits.
 */
public final class Core implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Core.class);
    private static final String ROOT = "warren/v1/";
    private static final String MESH_KEY = ROOT + "mesh";
    private static final String EPOCH = "epoch";
    /** Revisions of one run; 2^31 changes at 20 a second are three years, and 2^21 runs stay exact in JSON. */
    private static final int REVISION_BITS = 31;

    private final Store store;
    private final String prefix;
    private final MeshId mesh;
    private final LongSupplier unixMillis;
    private final LongSupplier monotonicMillis;
    private final RandomGenerator random;
    private final Registry registry; // core thread
    private final PresenceTracker presence = new PresenceTracker(); // core thread
    private DerpMap fixedRelays; // core thread
    private final Leases leases; // core thread
    private final Set<IdentityPublicKey> knownRelays = ConcurrentHashMap.newKeySet();
    private volatile LeaseTotals leaseTotals = new LeaseTotals(0, 0);
    private final Map<IdentityPublicKey, Long> lastSeen = new HashMap<>(); // core thread
    private final Topology topology;
    private final PathTable paths = new PathTable();
    private final List<Runnable> publishListeners = new CopyOnWriteArrayList<>();
    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().name("coordinator-core").daemon().unstarted(task));
    private boolean publishPlanned; // core thread

    private Core(
            Store store, MeshId mesh, Registry registry, DerpMap fixedRelays, long epoch, Environment environment) {
        this.store = store;
        this.mesh = mesh;
        this.prefix = ROOT + mesh + "/";
        this.registry = registry;
        this.fixedRelays = fixedRelays;
        this.topology =
                new Topology(mesh, epoch << REVISION_BITS, registry.relays().join(fixedRelays));
        this.leases = new Leases(environment.leases());
        this.unixMillis = environment.unixMillis();
        this.monotonicMillis = environment.monotonicMillis();
        this.random = environment.random();
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /**
     * What the core takes from outside.
     *
     * @param unixMillis the wall clock
     * @param monotonicMillis a clock that nobody sets
     * @param random secure, for tokens, keys and the mesh's id
     * @param leases how long a relay stays in the map that is not heard of
     */
    public record Environment(
            LongSupplier unixMillis, LongSupplier monotonicMillis, RandomGenerator random, Leases.Terms leases) {}

    /**
     * Starts on {@code store}, which it closes at its own end. Throws {@link UserError} when addresses that were given
     * out do not lie in {@code pool}.
     */
    public static Core start(Store store, IpPrefix pool, DerpMap relays, Environment environment) {
        MeshId mesh = meshId(store, environment.random());
        String prefix = ROOT + mesh + "/";
        Registry registry = new Registry(mesh, new AddressPool(pool, mesh.ulaPrefix()));
        Range held = store.read(prefix, Store.NONE);
        for (Entry entry : held.entries()) {
            registry.apply(entry.key().substring(prefix.length()), entry.value(), entry.revision());
        }
        InetAddress outside = registry.addressOutsidePool();
        if (outside != null) {
            throw new UserError("the address pool " + pool + " does not hold " + outside.getHostAddress()
                    + ", which a node of this mesh has: start with the --pool that the mesh was made with");
        }
        Core core = new Core(store, mesh, registry, relays, nextEpoch(store, prefix), environment);
        registry.members().forEach(core::publishMember);
        core.beginLeases();
        core.topology.publish();
        return core;
    }

    /** Which mesh this is. */
    public MeshId mesh() {
        return mesh;
    }

    /** The mesh as it was published last. */
    public TopologySnapshot snapshot() {
        return topology.snapshot();
    }

    /** What nodes said about their paths. */
    public PathTable paths() {
        return paths;
    }

    /** What the members' programs are, for the status page. */
    public CompletableFuture<Collection<Member>> members() {
        return onThread(() -> List.copyOf(registry.members()));
    }

    /** {@code listener} is called on the core's thread after each new snapshot; it must not wait. */
    public void onPublish(Runnable listener) {
        publishListeners.add(listener);
    }

    /** A node joins or comes back; a refusal ends the future with {@link RefusedException}. */
    public CompletableFuture<RegisterAnswer> register(IdentityPublicKey signer, RegisterRequest request) {
        return onThread(() -> {
            boolean isNew = registry.member(signer) == null;
            carryOut(registry.register(signer, request, now()));
            Member member = member(signer);
            LOG.info("{} {} as {}", isNew ? "joined:" : "is back:", member.name(), signer.shortText());
            publishMember(member);
            publishNow(); // at once: the node's watch and its relay's question may follow the answer closely
            int version = Math.min(request.version(), Versions.CURRENT);
            return new RegisterAnswer(
                    version,
                    Versions.FEATURES,
                    mesh,
                    recordOf(member),
                    snapshot().relays());
        });
    }

    /** A member says what changed; a refusal ends the future with {@link RefusedException}. */
    public CompletableFuture<UpdateAnswer> update(IdentityPublicKey signer, UpdateRequest request) {
        return onThread(() -> {
            Member member = member(signer);
            if (request.record() != null) {
                carryOut(registry.update(signer, request.record(), now()));
                member = member(signer);
                publishMember(member);
                publishSoon();
            }
            if (request.paths() != null) {
                paths.put(signer, new PathTable.Reports(now(), request.paths()));
            }
            return new UpdateAnswer(member.statement().sequence());
        });
    }

    /** A relay wants to be in the map, or to stay; a refusal ends the future with {@link RefusedException}. */
    public CompletableFuture<LeaseAnswer> lease(IdentityPublicKey signer, LeaseRequest request) {
        return onThread(() -> {
            pollLeases();
            boolean wasListed = registry.relays().isListed(signer);
            carryOut(registry.lease(signer, request, fixedRelays, now(), random));
            knownRelays.add(signer);
            leases.renewed(signer, monotonicMillis.getAsLong());
            post(leases.terms().leaseMillis() + 1L, this::pollLeases);
            int region = request.region().id();
            String name = registry.relays().nodeName(signer);
            if (!wasListed) {
                LOG.info(
                        "relay {} is in the map: {} as {}", name, request.node().hostName(), signer.shortText());
            }
            publishRelays();
            return new LeaseAnswer(
                    mesh,
                    name,
                    leases.terms().leaseMillis(),
                    leases.terms().renewMillis(),
                    registry.relays().meshKey(region).secretText(),
                    regionOf(region));
        });
    }

    /** A relay stops; it is out of the map when the future ends. */
    public CompletableFuture<LeaseEndAnswer> endLease(IdentityPublicKey signer, LeaseEndRequest request) {
        return onThread(() -> {
            if (!registry.relays().knows(signer)) {
                throw new RefusedException(ErrorCode.NOT_A_MEMBER, "this relay is not known here");
            }
            boolean wasListed = registry.relays().isListed(signer);
            leases.ended(signer);
            if (wasListed) {
                takeOut(signer, request.reason());
                publishRelays();
            }
            return new LeaseEndAnswer(wasListed);
        });
    }

    /** The relays that register themselves, those in the map first. */
    public CompletableFuture<List<RegisteredRelay>> relays() {
        return onThread(() -> {
            pollLeases();
            return registered();
        });
    }

    private List<RegisteredRelay> registered() {
        long now = monotonicMillis.getAsLong();
        return registry.relays().registered(relay -> leases.remainingMillis(relay, now));
    }

    /**
     * Takes a relay out of the map that an operator does not want any more, and gives it; it is gone when the future
     * ends, and comes back only with a token that is made later. {@link UserError} ends the future when none or several
     * are called {@code word}.
     */
    public CompletableFuture<RegisteredRelay> removeRelay(String word) {
        return onThread(() -> {
            RegisteredRelay relay = RelayChoice.of(word, registered());
            leases.ended(relay.identity());
            knownRelays.remove(relay.identity());
            carryOut(registry.relays().remove(relay.identity(), now()));
            LOG.info("relay {} is out of the map: removed by an operator", relay.name());
            publishRelays();
            return relay;
        });
    }

    /**
     * The relays that do not register are these now; who is in both maps by a lease stays. True when the map changes by
     * it; watchers have it when the future ends.
     */
    public CompletableFuture<Boolean> changeFixedRelays(DerpMap fixed) {
        return onThread(() -> {
            long before = snapshot().revision();
            fixedRelays = fixed;
            publishRelays();
            return snapshot().revision() != before;
        });
    }

    /** Whether {@code identity} is a member's or a registered relay's. */
    public boolean knows(IdentityPublicKey identity) {
        return snapshot().nodes().containsKey(identity) || knownRelays.contains(identity);
    }

    /** The relays that are in the map by a lease. */
    public LeaseTotals leaseTotals() {
        return leaseTotals;
    }

    /**
     * What the leased relays are together.
     *
     * @param count of relays
     * @param capacity connections that they take at most; those without a limit count as 0
     */
    public record LeaseTotals(int count, long capacity) {}

    /** A new join token's secret; it is in the store when the future ends. */
    public CompletableFuture<String> createToken(TokenRequest request) {
        return onThread(() -> {
            NewToken token = registry.createToken(request, now(), random);
            carryOut(new Decision.Accepted(List.of(token.write())));
            return token.secret();
        });
    }

    /** A member's watch began. */
    public void watchBegan(IdentityPublicKey node) {
        post(0, () -> {
            if (presence.began(node)) {
                showPresence(node);
            }
        });
    }

    /** A member's watch ended; it counts as offline after the grace time. */
    public void watchEnded(IdentityPublicKey node) {
        post(0, () -> {
            presence.ended(node, monotonicMillis.getAsLong());
            lastSeen.put(node, now());
            post(PresenceTracker.GRACE_MILLIS + 1, this::pollPresence);
        });
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException interrupted) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
        store.close();
    }

    private static MeshId meshId(Store store, RandomGenerator random) {
        List<Entry> held = store.read(MESH_KEY, Store.NONE).entries();
        if (!held.isEmpty()) {
            return new MeshId(held.getFirst().value());
        }
        MeshId mesh = MeshId.generate(random);
        store.compareAndPut(MESH_KEY, Store.NONE, mesh.text(), Store.NO_LEASE);
        return new MeshId(store.read(MESH_KEY, Store.NONE).entries().getFirst().value());
    }

    /** Counts the runs of this coordinator, so that its revisions never come again. */
    private static long nextEpoch(Store store, String prefix) {
        String key = prefix + EPOCH;
        List<Entry> held = store.read(key, Store.NONE).entries();
        long epoch = 1 + (held.isEmpty() ? 0 : Long.parseLong(held.getFirst().value()));
        long expected = held.isEmpty() ? Store.NONE : held.getFirst().revision();
        store.compareAndPut(key, expected, Long.toString(epoch), Store.NO_LEASE);
        return epoch;
    }

    private void carryOut(Decision decision) {
        switch (decision) {
            case Decision.Refused refused -> throw new RefusedException(refused.answer());
            case Decision.Accepted accepted -> accepted.writes().forEach(this::write);
        }
    }

    private void write(Write write) {
        long lease = write.ttlMillis() == 0 ? Store.NO_LEASE : store.grantLease(write.ttlMillis());
        long revision = store.compareAndPut(prefix + write.key(), write.expectedRevision(), write.value(), lease);
        if (revision == Store.NONE) {
            throw new RefusedException(
                    ErrorCode.INTERNAL, "the store was changed by somebody else: try again in a moment");
        }
        registry.apply(write.key(), write.value(), revision);
    }

    private Member member(IdentityPublicKey identity) {
        Member member = registry.member(identity);
        if (member == null) {
            throw new RefusedException(
                    ErrorCode.NOT_A_MEMBER,
                    "this node is not in the mesh: join with a token (warren up --token TOKEN)");
        }
        return member;
    }

    private NodeRecord recordOf(Member member) {
        Long seen = lastSeen.getOrDefault(member.identity(), member.lastSeenUnixMillis());
        return member.record(presence.isOnline(member.identity()), seen);
    }

    private void publishMember(Member member) {
        topology.put(new KnownNode(recordOf(member), member.statement()));
    }

    private void showPresence(IdentityPublicKey node) {
        Member member = registry.member(node);
        if (member != null) {
            lastSeen.put(node, now());
            publishMember(member);
            publishSoon();
        }
    }

    private void pollPresence() {
        for (IdentityPublicKey node : presence.poll(monotonicMillis.getAsLong())) {
            paths.remove(node);
            Member member = registry.member(node);
            if (member != null) {
                carryOut(registry.seen(node, lastSeen.getOrDefault(node, now())));
                publishMember(member(node));
                publishSoon();
                LOG.info("offline: {}", member.name());
            }
        }
    }

    /** Those that were in the map when the coordinator stopped have the time of a new lease to be heard of. */
    private void beginLeases() {
        knownRelays.addAll(registry.relays().known());
        registry.relays().listed().forEach(relay -> leases.renewed(relay, monotonicMillis.getAsLong()));
        countLeases();
        post(leases.terms().leaseMillis() + 1L, this::pollLeases);
    }

    private void pollLeases() {
        List<IdentityPublicKey> over = leases.poll(monotonicMillis.getAsLong());
        over.forEach(relay -> takeOut(relay, "its lease has ended"));
        if (!over.isEmpty()) {
            publishRelays();
        }
    }

    private void takeOut(IdentityPublicKey relay, String reason) {
        carryOut(registry.relays().end(relay, reason));
        LOG.info("relay {} is out of the map: {}", registry.relays().nodeName(relay), reason);
    }

    /** At once: who asks after the answer shall find the relay. */
    private void publishRelays() {
        topology.putRelays(registry.relays().join(fixedRelays));
        countLeases();
        if (topology.hasChanges()) {
            publishNow();
        }
    }

    private void countLeases() {
        leaseTotals = new LeaseTotals(
                registry.relays().listed().size(), registry.relays().capacity());
    }

    private DerpMap regionOf(int id) {
        DerpRegion region = snapshot().relays().region(id);
        return region == null ? DerpMap.EMPTY : new DerpMap(new TreeMap<>(Map.of(id, region)));
    }

    private void publishSoon() {
        if (topology.hasChanges() && !publishPlanned) {
            publishPlanned = true;
            post(Topology.COALESCE_MILLIS, this::publishNow);
        }
    }

    private void publishNow() {
        publishPlanned = false;
        topology.publish();
        publishListeners.forEach(Runnable::run);
    }

    /** Runs {@code work} on the thread after {@code delayMillis}; not at all when the core closes before. */
    private void post(long delayMillis, Runnable work) {
        if (!thread.isShutdown()) {
            Future<?> _ = thread.schedule(() -> logged(work), delayMillis, TimeUnit.MILLISECONDS);
        }
    }

    private static void logged(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException failure) {
            LOG.error("could not keep the topology: {}", failure.getMessage());
        }
    }

    private <T> CompletableFuture<T> onThread(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, thread);
    }

    private long now() {
        return unixMillis.getAsLong();
    }
}
