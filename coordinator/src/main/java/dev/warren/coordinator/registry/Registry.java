package dev.warren.coordinator.registry;

import dev.warren.protocol.coordination.AddressText;
import dev.warren.protocol.coordination.CoordinationFormatException;
import dev.warren.protocol.coordination.DatedKey;
import dev.warren.protocol.coordination.ErrorAnswer;
import dev.warren.protocol.coordination.ErrorCode;
import dev.warren.protocol.coordination.Json;
import dev.warren.protocol.coordination.LeaseRequest;
import dev.warren.protocol.coordination.MeshId;
import dev.warren.protocol.coordination.NodeStatement;
import dev.warren.protocol.coordination.RegisterRequest;
import dev.warren.protocol.coordination.SignedNodeRecord;
import dev.warren.protocol.coordination.Versions;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.key.IdentityPublicKey;
import dev.warren.protocol.key.NodePublicKey;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Who is in the mesh: a view of what the store holds, and decisions over it. A decision changes nothing here; its
 * writes go to the store first and come back by {@link #apply}, as the entries do that were there at the start. Not
 * thread-safe.
 */
public final class Registry {
    private static final String NODE = "node/";
    private static final String ADDRESS = "address/";

    private final MeshId mesh;
    private final AddressPool pool;
    private final Tokens tokens = new Tokens();
    private final RelayBook relays = new RelayBook();
    private final Map<IdentityPublicKey, Member> members = new HashMap<>();
    private final Map<NodePublicKey, IdentityPublicKey> byKey = new HashMap<>();
    private final Map<String, IdentityPublicKey> byName = new HashMap<>();
    private final Map<IdentityPublicKey, InetAddress> addresses = new HashMap<>();

    /** An empty one for {@code mesh}, whose nodes get addresses from {@code pool}. */
    public Registry(MeshId mesh, AddressPool pool) {
        this.mesh = mesh;
        this.pool = pool;
    }

    /**
     * Takes in an entry of the store.
     *
     * @param key relative to the mesh's prefix; keys of other kinds are ignored
     * @param value null when it was deleted
     * @param revision of the change
     */
    public void apply(String key, @Nullable String value, long revision) {
        if (key.startsWith(NODE)) {
            applyNode(IdentityPublicKey.parseHex(key.substring(NODE.length())), value, revision);
        } else if (key.startsWith(ADDRESS)) {
            applyAddress(AddressText.parseIp(key.substring(ADDRESS.length())), value);
        } else if (key.startsWith(Tokens.PREFIX)) {
            tokens.apply(key.substring(Tokens.PREFIX.length()), value, revision);
        } else {
            relays.apply(key, value, revision);
        }
    }

    /** All members, in no order. */
    public Collection<Member> members() {
        return Collections.unmodifiableCollection(members.values());
    }

    /** The member with this identity, or null. */
    public @Nullable Member member(IdentityPublicKey identity) {
        return members.get(identity);
    }

    /** An address that was given out and does not lie in the pool, or null: the pool was changed under the mesh. */
    public @Nullable InetAddress addressOutsidePool() {
        return addresses.values().stream()
                .filter(address -> pool.numberOf(address) == AddressPool.NONE)
                .findAny()
                .orElse(null);
    }

    /** The relays that have registered. */
    public RelayBook relays() {
        return relays;
    }

    /** Decides on a relay's wish to be in the map, beside {@code fixed}; {@code random} makes a region's first key. */
    public Decision lease(
            IdentityPublicKey signer, LeaseRequest request, DerpMap fixed, long nowUnixMillis, RandomGenerator random) {
        if (request.version() < Versions.OLDEST) {
            return refused(
                    ErrorCode.VERSION_REFUSED,
                    "this relay speaks version " + request.version() + " of the coordination protocol, and this"
                            + " coordinator needs " + Versions.OLDEST + " or newer: update warren on the relay");
        }
        Write use = null;
        if (!relays.knows(signer)) {
            String secret = request.token();
            if (secret == null) {
                return refused(
                        ErrorCode.NOT_A_MEMBER,
                        "this relay is not known here: give it a token made by \"warren coordinator token create"
                                + " --relay\"");
            }
            Long removed = relays.removedUnixMillis(signer);
            if (removed != null && tokens.isFrom(secret, removed)) {
                return refused(
                        ErrorCode.NOT_A_MEMBER,
                        "this relay was removed by an operator: a token that is made from now on by \"warren coordinator"
                                + " token create --relay\" brings it back");
            }
            switch (tokens.check(secret, signer, true, nowUnixMillis)) {
                case Tokens.Check.Bad bad -> {
                    return refused(bad.code(), bad.message());
                }
                case Tokens.Check.Good good -> use = good.use();
            }
        }
        return relays.lease(signer, request, fixed, use, new RelayBook.Source(nowUnixMillis, random));
    }

    /** A new join token; it is good once its write is in the store. */
    public NewToken createToken(TokenRequest request, long nowUnixMillis, RandomGenerator random) {
        return tokens.create(request, nowUnixMillis, random);
    }

    /** Decides on a registration whose request was signed by {@code signer}. */
    public Decision register(IdentityPublicKey signer, RegisterRequest request, long nowUnixMillis) {
        if (request.version() < Versions.OLDEST) {
            return refused(
                    ErrorCode.VERSION_REFUSED,
                    "this node speaks version " + request.version() + " of the coordination protocol, and this"
                            + " coordinator needs " + Versions.OLDEST + " or newer: update warren on the node");
        }
        NodeStatement statement;
        try {
            statement = request.record().verify();
        } catch (CoordinationFormatException bad) {
            return refused(ErrorCode.BAD_REQUEST, String.valueOf(bad.getMessage()));
        }
        Member known = members.get(signer);
        Decision.Refused refusal = refusal(signer, statement, known, request.record(), nowUnixMillis);
        if (refusal != null) {
            return refusal;
        }
        return known == null
                ? join(signer, request, nowUnixMillis)
                : new Decision.Accepted(List.of(nodeWrite(known, returned(known, request))));
    }

    /** Decides on a new statement of a member. */
    public Decision update(IdentityPublicKey signer, SignedNodeRecord record, long nowUnixMillis) {
        Member known = members.get(signer);
        if (known == null) {
            return notAMember();
        }
        try {
            Decision.Refused refusal = refusal(signer, record.verify(), known, record, nowUnixMillis);
            if (refusal != null) {
                return refusal;
            }
        } catch (CoordinationFormatException bad) {
            return refused(ErrorCode.BAD_REQUEST, String.valueOf(bad.getMessage()));
        }
        if (record.equals(known.stored().signed())) {
            return new Decision.Accepted(List.of());
        }
        return new Decision.Accepted(List.of(nodeWrite(known, known.stored().withSigned(record))));
    }

    /** Notes when a member was seen last. */
    public Decision seen(IdentityPublicKey identity, long unixMillis) {
        Member known = members.get(identity);
        return known == null
                ? notAMember()
                : new Decision.Accepted(List.of(nodeWrite(known, known.stored().withLastSeen(unixMillis))));
    }

    private Decision join(IdentityPublicKey signer, RegisterRequest request, long nowUnixMillis) {
        String secret = request.token();
        if (secret == null) {
            return notAMember();
        }
        return switch (tokens.check(secret, signer, false, nowUnixMillis)) {
            case Tokens.Check.Bad bad -> refused(bad.code(), bad.message());
            case Tokens.Check.Good good -> admit(signer, request, good, nowUnixMillis);
        };
    }

    private Decision admit(
            IdentityPublicKey signer, RegisterRequest request, Tokens.Check.Good token, long nowUnixMillis) {
        InetAddress claimed = addresses.get(signer);
        int number = claimed == null ? pool.free() : pool.numberOf(claimed);
        if (number == AddressPool.NONE) {
            return refused(
                    ErrorCode.POOL_EMPTY,
                    "the address pool " + pool
                            + " has no free address left: start the coordinator with a larger --pool");
        }
        List<Write> writes = new ArrayList<>();
        if (token.use() != null) {
            writes.add(token.use());
        }
        InetAddress ipv4 = pool.ipv4(number);
        if (claimed == null) {
            writes.add(new Write(ADDRESS + AddressText.format(ipv4), claim(signer), 0, 0));
        }
        StoredNode node = new StoredNode(
                Names.unique(Names.label(request.hostName()), byName::containsKey),
                request.hostName(),
                request.software(),
                request.record(),
                ipv4,
                pool.ipv6(number),
                token.tags(),
                nowUnixMillis,
                null);
        writes.add(new Write(NODE + signer.hex(), Json.encodeText(node), 0, 0));
        return new Decision.Accepted(writes);
    }

    /** A member that registers again keeps its name unless its host is called something else now. */
    private StoredNode returned(Member known, RegisterRequest request) {
        StoredNode old = known.stored();
        String label = Names.label(request.hostName());
        String name = label.equals(Names.label(old.hostName()))
                ? old.name()
                : Names.unique(label, taken -> byName.containsKey(taken) && !taken.equals(old.name()));
        return new StoredNode(
                name,
                request.hostName(),
                request.software(),
                request.record(),
                old.ipv4(),
                old.ipv6(),
                old.tags(),
                old.joinedUnixMillis(),
                old.lastSeenUnixMillis());
    }

    /** Why {@code statement} cannot be taken, or null when it can. */
    private Decision.@Nullable Refused refusal(
            IdentityPublicKey signer,
            NodeStatement statement,
            @Nullable Member known,
            SignedNodeRecord record,
            long nowUnixMillis) {
        if (!statement.identity().equals(signer)) {
            return refused(ErrorCode.BAD_REQUEST, "the node record is another identity's than the request");
        }
        if (!statement.mesh().equals(mesh)) {
            return refused(ErrorCode.BAD_REQUEST, "the node record is for another mesh than this coordinator's");
        }
        if (statement.nodeKey().isZero() || !statement.keys().getFirst().validAt(nowUnixMillis)) {
            return refused(ErrorCode.BAD_REQUEST, "the node record has no node key that is valid now");
        }
        for (DatedKey key : statement.keys()) {
            if (!byKey.getOrDefault(key.key(), signer).equals(signer)) {
                return refused(
                        ErrorCode.KEY_TAKEN,
                        "the node key " + key.key().shortText() + " belongs to another node: make a new one");
            }
        }
        if (known != null
                && statement.sequence() <= known.statement().sequence()
                && !record.equals(known.stored().signed())) {
            long held = known.statement().sequence();
            String message = "the node record is older than the one which the coordinator holds (sequence "
                    + statement.sequence() + ", held " + held + ")";
            return new Decision.Refused(new ErrorAnswer(ErrorCode.STALE_SEQUENCE, message, held));
        }
        return null;
    }

    private void applyNode(IdentityPublicKey identity, @Nullable String value, long revision) {
        Member old = members.remove(identity);
        if (old != null) {
            byName.remove(old.name());
            old.statement().keys().forEach(key -> byKey.remove(key.key()));
        }
        if (value != null) {
            StoredNode node = Json.decodeText(value, StoredNode.class);
            Member member = new Member(node, node.signed().verify(), revision);
            members.put(identity, member);
            byName.put(node.name(), identity);
            member.statement().keys().forEach(key -> byKey.put(key.key(), identity));
        }
    }

    private void applyAddress(InetAddress address, @Nullable String value) {
        if (value != null) {
            addresses.put(Json.decodeText(value, Claim.class).node(), address);
            int number = pool.numberOf(address);
            if (number != AddressPool.NONE) {
                pool.take(number);
            }
        }
    }

    /** The value of an address's entry: whose it is. */
    private record Claim(IdentityPublicKey node) {}

    private static String claim(IdentityPublicKey node) {
        return Json.encodeText(new Claim(node));
    }

    private static Write nodeWrite(Member known, StoredNode node) {
        return new Write(NODE + known.identity().hex(), Json.encodeText(node), known.revision(), 0);
    }

    private static Decision.Refused notAMember() {
        return refused(
                ErrorCode.NOT_A_MEMBER,
                "this node is not in the mesh: join with a token (warren up --token TOKEN) made by"
                        + " \"warren coordinator token create\"");
    }

    private static Decision.Refused refused(ErrorCode code, String message) {
        return new Decision.Refused(new ErrorAnswer(code, message, null));
    }
}
