package dev.warren.coordinator.registry;

import dev.warren.protocol.coordination.ErrorAnswer;
import dev.warren.protocol.coordination.ErrorCode;
import dev.warren.protocol.coordination.Json;
import dev.warren.protocol.coordination.LeaseRequest;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.key.IdentityPublicKey;
import dev.warren.protocol.key.MeshKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The relays that register themselves, and the secret of each region: a view of what the store holds, and decisions
 * over it, as {@link Registry}. Whether a lease has ended is not known here. Not thread-safe.
 */
public final class RelayBook {
    private static final String RELAY = "relay/";
    private static final String MESH_KEY = "mesh-key/";

    private final Map<IdentityPublicKey, Held> relays = new HashMap<>();
    private final Map<Integer, MeshKey> meshKeys = new HashMap<>();

    private record Held(StoredRelay relay, long revision) {}

    /** The value of a region's key. */
    private record StoredKey(String key) {
        @Override
        public String toString() {
            return "StoredKey[]";
        }
    }

    /** When a decision is made, and what it may draw from. */
    record Source(long nowUnixMillis, RandomGenerator random) {}

    void apply(String key, @Nullable String value, long revision) {
        if (key.startsWith(RELAY)) {
            IdentityPublicKey relay = IdentityPublicKey.parseHex(key.substring(RELAY.length()));
            if (value == null) {
                relays.remove(relay);
            } else {
                relays.put(relay, new Held(Json.decodeText(value, StoredRelay.class), revision));
            }
        } else if (key.startsWith(MESH_KEY)) {
            int region = Integer.parseInt(key.substring(MESH_KEY.length()));
            if (value == null) {
                meshKeys.remove(region);
            } else {
                meshKeys.put(
                        region,
                        MeshKey.parse(Json.decodeText(value, StoredKey.class).key()));
            }
        }
    }

    /** Whether this identity has registered as a relay, in the map or not, and was not removed since. */
    public boolean knows(IdentityPublicKey identity) {
        Held held = relays.get(identity);
        return held != null && held.relay().removedUnixMillis() == null;
    }

    /** When an operator removed this relay; null when it is known, or never was. */
    @Nullable
    Long removedUnixMillis(IdentityPublicKey identity) {
        Held held = relays.get(identity);
        return held == null ? null : held.relay().removedUnixMillis();
    }

    /** Whether this relay is in the map. */
    public boolean isListed(IdentityPublicKey identity) {
        Held held = relays.get(identity);
        return held != null && held.relay().listed();
    }

    /** All that have registered and were not removed since. */
    public Set<IdentityPublicKey> known() {
        return relays.keySet().stream().filter(this::knows).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * The same for an operator, by region and name; those that are not in the map come last.
     *
     * @param leaseEndsInMillis of a relay, null when it has no lease
     */
    public List<RegisteredRelay> registered(Function<IdentityPublicKey, @Nullable Long> leaseEndsInMillis) {
        return relays.entrySet().stream()
                .filter(entry -> knows(entry.getKey()))
                .map(entry ->
                        registered(entry.getKey(), entry.getValue().relay(), leaseEndsInMillis.apply(entry.getKey())))
                .sorted(Comparator.comparing((RegisteredRelay relay) -> relay.out() != null)
                        .thenComparingInt(RegisteredRelay::region)
                        .thenComparing(RegisteredRelay::name)
                        .thenComparing(relay -> relay.identity().hex()))
                .toList();
    }

    private static RegisteredRelay registered(
            IdentityPublicKey identity, StoredRelay relay, @Nullable Long leaseEndsInMillis) {
        DerpNode node = relay.node();
        String unknown = relay.out() == null ? "its lease has ended" : relay.out();
        return new RegisteredRelay(
                node.name(),
                relay.region().id(),
                relay.region().code(),
                node.hostName(),
                node.derpPort(),
                node.hasStun() ? node.stunPort() : null,
                node.ipv4(),
                node.ipv6(),
                node.trust().pin(),
                relay.capacity(),
                identity,
                relay.software(),
                relay.registeredUnixMillis(),
                leaseEndsInMillis,
                relay.listed() ? null : unknown);
    }

    /** Those in the map. */
    public List<IdentityPublicKey> listed() {
        return relays.keySet().stream().filter(this::isListed).toList();
    }

    /** The name of this relay's node, which is in the map. */
    public String nodeName(IdentityPublicKey identity) {
        return held(identity).relay().node().name();
    }

    /** The region of this relay, which has registered. */
    public int region(IdentityPublicKey identity) {
        return held(identity).relay().region().id();
    }

    /** The secret of a region that has had a relay. */
    public MeshKey meshKey(int region) {
        MeshKey key = meshKeys.get(region);
        if (key == null) {
            throw new IllegalStateException("region " + region + " got its key with its first relay");
        }
        return key;
    }

    /** How many connections the relays in the map take together, of those that say so. */
    public long capacity() {
        return relays.values().stream()
                .map(Held::relay)
                .filter(StoredRelay::listed)
                .mapToLong(relay -> relay.capacity() == null ? 0 : relay.capacity())
                .sum();
    }

    /** {@code fixed} with the relays that have a lease. A region's code and name are those of its first node. */
    public DerpMap join(DerpMap fixed) {
        SortedMap<Integer, DerpRegion> regions = new TreeMap<>(fixed.regions());
        relays.values().stream()
                .map(Held::relay)
                .filter(StoredRelay::listed)
                .sorted(Comparator.comparingInt(
                                (StoredRelay relay) -> relay.node().name().length())
                        .thenComparing(relay -> relay.node().name()))
                .forEach(relay -> regions.merge(relay.region().id(), relay.region(), RelayBook::joined));
        return new DerpMap(regions);
    }

    private static DerpRegion joined(DerpRegion region, DerpRegion more) {
        List<DerpNode> nodes = new ArrayList<>(region.nodes());
        nodes.addAll(more.nodes());
        return new DerpRegion(region.id(), region.code(), region.name(), region.avoid(), nodes);
    }

    /**
     * Decides on a lease for {@code signer}, who may be a relay.
     *
     * @param use marks the token with which it came as used; null = nothing to mark
     */
    Decision lease(IdentityPublicKey signer, LeaseRequest request, DerpMap fixed, @Nullable Write use, Source source) {
        Decision.Refused refusal = refusal(signer, request, fixed);
        if (refusal != null) {
            return refusal;
        }
        List<Write> writes = new ArrayList<>();
        if (use != null) {
            writes.add(use);
        }
        DerpRegion region = request.region();
        if (!meshKeys.containsKey(region.id())) {
            StoredKey key = new StoredKey(MeshKey.generate(source.random()).secretText());
            writes.add(new Write(MESH_KEY + region.id(), Json.encodeText(key), 0, 0));
        }
        Held held = relays.get(signer);
        DerpNode node = request.node().named(name(signer, region.id(), fixed));
        DerpRegion entry = new DerpRegion(region.id(), region.code(), region.name(), region.avoid(), List.of(node));
        StoredRelay relay = new StoredRelay(
                DerpMap.of(List.of(entry)),
                request.software(),
                request.capacity(),
                true,
                knows(signer) ? held(signer).relay().registeredUnixMillis() : source.nowUnixMillis(),
                null,
                null);
        if (held == null || !held.relay().equals(relay)) {
            writes.add(write(signer, relay, held == null ? 0 : held.revision()));
        }
        return new Decision.Accepted(writes);
    }

    /** Takes a relay out of the map; it stays known. */
    public Decision end(IdentityPublicKey signer, String reason) {
        Held held = relays.get(signer);
        return held == null || !held.relay().listed()
                ? new Decision.Accepted(List.of())
                : new Decision.Accepted(List.of(write(signer, held.relay().out(reason), held.revision())));
    }

    /** Takes a relay out of the map which is known, and forgets it: only a token that is made later brings it back. */
    public Decision remove(IdentityPublicKey identity, long nowUnixMillis) {
        Held held = held(identity);
        return new Decision.Accepted(List.of(write(identity, held.relay().removed(nowUnixMillis), held.revision())));
    }

    private Decision.@Nullable Refused refusal(IdentityPublicKey signer, LeaseRequest request, DerpMap fixed) {
        DerpRegion region = request.region();
        DerpNode node = request.node();
        for (Map.Entry<IdentityPublicKey, Held> other : relays.entrySet()) {
            StoredRelay relay = other.getValue().relay();
            if (other.getKey().equals(signer) || !relay.listed()) {
                continue;
            }
            if (samePlace(relay.node(), node)) {
                return refused(
                        ErrorCode.ADDRESS_TAKEN,
                        "another relay is in the map at " + node.hostName() + " port " + node.derpPort() + " ("
                                + other.getKey().shortText() + "): give this one its own --hostname or port; when it"
                                + " replaces that one, wait until that one's lease has ended");
            }
            if (relay.region().id() == region.id() && !relay.region().code().equals(region.code())) {
                return differs(region, relay.region());
            }
        }
        DerpRegion known = fixed.region(region.id());
        if (known == null) {
            return null;
        }
        for (DerpNode there : known.nodes()) {
            if (there.hasRelay() && samePlace(there, node)) {
                return refused(
                        ErrorCode.ADDRESS_TAKEN,
                        "the coordinator's own map has a relay at " + node.hostName() + " port " + node.derpPort()
                                + " already: take it out there, or let this one not register");
            }
        }
        return known.code().equals(region.code()) ? null : differs(region, known);
    }

    private static Decision.Refused differs(DerpRegion region, DerpRegion known) {
        return refused(
                ErrorCode.REGION_DIFFERS,
                "region " + region.id() + " is called \"" + known.code() + "\" here, and this relay calls it \""
                        + region.code() + "\": give all relays of a region the same --region and --region-code");
    }

    private static boolean samePlace(DerpNode a, DerpNode b) {
        return a.hostName().equals(b.hostName()) && a.derpPort() == b.derpPort();
    }

    /** The name that the relay had if nobody has it now, else the first one that is free. */
    private String name(IdentityPublicKey signer, int region, DerpMap fixed) {
        Set<String> taken = new HashSet<>();
        fixed.regions().values().forEach(each -> each.nodes().forEach(node -> taken.add(node.name())));
        relays.forEach((identity, held) -> {
            if (!identity.equals(signer) && held.relay().listed()) {
                taken.add(held.relay().node().name());
            }
        });
        Held held = relays.get(signer);
        if (held != null && held.relay().region().id() == region) {
            String name = held.relay().node().name();
            if (!taken.contains(name)) {
                return name;
            }
        }
        int index = 0;
        while (taken.contains(DerpRegion.nodeName(region, index))) {
            index++;
        }
        return DerpRegion.nodeName(region, index);
    }

    private Held held(IdentityPublicKey identity) {
        Held held = relays.get(identity);
        if (held == null) {
            throw new IllegalStateException("a relay with a lease has registered");
        }
        return held;
    }

    private static Write write(IdentityPublicKey signer, StoredRelay relay, long expectedRevision) {
        return new Write(RELAY + signer.hex(), Json.encodeText(relay), expectedRevision, 0);
    }

    private static Decision.Refused refused(ErrorCode code, String message) {
        return new Decision.Refused(new ErrorAnswer(code, message, null));
    }
}
