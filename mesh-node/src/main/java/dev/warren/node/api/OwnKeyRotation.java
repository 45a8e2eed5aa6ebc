package dev.warren.node.api;

import dev.warren.node.keys.KeyGenerations;
import dev.warren.node.keys.KeyGenerations.Generation;
import dev.warren.node.keys.RotationSchedule;
import dev.warren.node.keys.StoredKey;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.Device;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The private key of an interface by a schedule. What is used when follows from the kept generations and the clock, so
 * each step puts the device right from wherever it is: after a start, in the middle of a change, or when somebody else has
 * set another key.
 *
 * <p>A key has three stretches: it is made and told to the peers as soon as the one before has settled; from its date on
 * it is used; and after the next date it is accepted for the overlap, longer while a peer that is connected has shown
 * nothing newer, and at most until an overlap before the date after that.
 */
final class OwnKeyRotation implements KeyRotation {
    private static final Logger LOG = LoggerFactory.getLogger(OwnKeyRotation.class);

    private final String name;
    private final DeviceAccess device;
    private final KeyGenerations<NodePrivateKey> generations;
    private final RotationSchedule schedule;
    private final Announcement announcement;
    private @Nullable Generation announced;

    /** For the interface {@code name}; {@code announcement} is told of each key that comes next, and from when on. */
    OwnKeyRotation(
            String name,
            DeviceAccess device,
            KeyGenerations<NodePrivateKey> generations,
            RotationSchedule schedule,
            Announcement announcement) {
        this.name = name;
        this.device = device;
        this.generations = generations;
        this.schedule = schedule;
        this.announcement = announcement;
    }

    /** Tells the peers, or whoever tells them. */
    @FunctionalInterface
    interface Announcement {
        /** The key that is in use, the one that comes next, and when. */
        void make(NodePublicKey current, NodePublicKey next, Instant from);
    }

    /** What is there of the generations at some time: the one in use, and its neighbours. */
    private record Stand(@Nullable Generation before, Generation current, @Nullable Generation next) {}

    @Override
    public Instant step(Instant now) throws IOException {
        Stand stand = stand(now);
        Generation before = stand.before();
        use(before, stand.current());
        if (before != null && mayGo(before, stand.current(), now)) {
            forget(before);
            before = null;
        }
        Generation next = stand.next();
        if (before == null) {
            next = next != null ? next : prepare(now);
            announce(stand.current(), next);
        }
        Instant again = next == null ? schedule.next(now) : next.from();
        Instant look =
                before == null ? again : later(settled(stand.current()), now.plus(KeyRotation.patience(schedule)));
        return look.isBefore(again) ? look : again;
    }

    @Override
    public RotationSchedule schedule() {
        return schedule;
    }

    @Override
    public Object subject() {
        return OwnKeyRotation.class;
    }

    private Stand stand(Instant now) throws IOException {
        List<Generation> all = generations.list();
        int current = -1;
        for (int i = 0; i < all.size() && !all.get(i).from().isAfter(now); i++) {
            current = i;
        }
        Generation next = current + 1 < all.size() ? all.get(current + 1) : null;
        if (current < 0) {
            return new Stand(null, generations.generate(schedule.start(schedule.epoch(now))), next);
        }
        for (Generation forgotten : all.subList(0, Math.max(0, current - 1))) {
            generations.delete(forgotten);
        }
        return new Stand(current == 0 ? null : all.get(current - 1), all.get(current), next);
    }

    /** Puts the device on the current key, and beside it on the one before, when that is still there. */
    private void use(@Nullable Generation before, Generation current) throws IOException {
        NodePublicKey key = publicKey(current);
        NodePublicKey old = before == null ? null : publicKey(before);
        if (device.ask((target, _) -> takesStep(target, old, key))) {
            return;
        }
        try (NodePrivateKey secret = generations.load(current);
                NodePrivateKey first = before == null ? generations.load(current) : generations.load(before)) {
            device.ask((target, nowNanos) -> {
                target.setPrivateKey(first, nowNanos);
                if (before != null) {
                    target.setPendingPrivateKey(secret);
                }
                return target.promotePendingPrivateKey();
            });
        }
    }

    /** Whether the device is where it should be: because it was, or by the one step that a change is. */
    private static boolean takesStep(Device target, @Nullable NodePublicKey old, NodePublicKey key) {
        NodePublicKey has = target.publicKey();
        NodePublicKey pending = target.pendingPublicKey();
        if (has.equals(key)) {
            return old == null || Objects.equals(pending, old);
        }
        boolean isNext = Objects.equals(pending, key) && (old == null || old.equals(has));
        return isNext && target.promotePendingPrivateKey();
    }

    private boolean mayGo(Generation before, Generation current, Instant now) throws IOException {
        if (now.isBefore(settled(current))) {
            return false;
        }
        NodePublicKey old = publicKey(before);
        long behind = device.ask((target, nowNanos) -> target.peers().stream()
                .filter(peer -> Objects.equals(peer.ownKeyInUse(), old) && peer.hasSession(nowNanos))
                .count());
        boolean isLast = !now.isBefore(schedule.next(now).minus(schedule.overlap()));
        if (behind > 0 && isLast) {
            LOG.warn(
                    "{}: the key {} ends, but {} of the peers know no newer one: they are cut off until they are told",
                    name,
                    old.shortText(),
                    behind);
        }
        return behind == 0 || isLast;
    }

    private Instant settled(Generation current) {
        return current.from().plus(schedule.overlap());
    }

    private void forget(Generation before) throws IOException {
        device.ask((target, _) -> {
            target.setPendingPrivateKey(null);
            return true;
        });
        generations.delete(before);
    }

    /** The key for the next date that leaves the peers time to be told. */
    private Generation prepare(Instant now) throws IOException {
        Instant date = schedule.next(now);
        Duration left = Duration.between(now, date);
        boolean isTooSoon = left.multipliedBy(2).compareTo(schedule.overlap()) < 0;
        return generations.generate(isTooSoon ? schedule.next(date) : date);
    }

    private void announce(Generation current, Generation next) throws IOException {
        NodePublicKey key = publicKey(next);
        if (!device.ask((target, _) -> Objects.equals(target.pendingPublicKey(), key))) {
            try (NodePrivateKey secret = generations.load(next)) {
                device.ask((target, _) -> {
                    target.setPendingPrivateKey(secret);
                    return true;
                });
            }
        }
        if (!next.equals(announced)) {
            announced = next;
            announcement.make(publicKey(current), key, next.from());
        }
    }

    /** The public half, which needs no passphrase when the key is sealed. */
    private NodePublicKey publicKey(Generation generation) throws IOException {
        StoredKey stored = generations.describe(generation);
        if (stored.publicText().isEmpty()) {
            throw new UserError(stored.problem());
        }
        return NodePublicKey.parseBase64(stored.publicText());
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
