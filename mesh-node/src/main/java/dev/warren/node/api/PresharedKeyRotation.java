package dev.warren.node.api;

import dev.warren.node.keys.PskProvider;
import dev.warren.node.keys.RotationSchedule;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.Peer;
import java.io.IOException;
import java.time.Instant;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The preshared key of one peer by a schedule. The key of the epoch is in use; beside it the one before is accepted for the
 * overlap, longer while the peer has shown nothing newer, and at most until an overlap before the next date; after that
 * the next one is, as soon as the provider has it. The key that the peer was set to at the start counts as the one before.
 */
final class PresharedKeyRotation implements KeyRotation {
    private static final Logger LOG = LoggerFactory.getLogger(PresharedKeyRotation.class);

    private final String name;
    private final DeviceAccess device;
    private final PskProvider provider;
    private final RotationSchedule schedule;
    private final Peer peer; // to be touched on the device's thread only
    private Beside beside = Beside.NOTHING;
    private @Nullable Long epochInUse;
    private Instant settled = Instant.MIN;
    private long epochMissed = Long.MIN_VALUE;

    private PresharedKeyRotation(
            String name, DeviceAccess device, Peer peer, PskProvider provider, RotationSchedule schedule) {
        this.name = name;
        this.device = device;
        this.peer = peer;
        this.provider = provider;
        this.schedule = schedule;
    }

    /** For a peer of the interface {@code name}. Throws NoSuchElementException when there is no such peer. */
    static PresharedKeyRotation of(
            String name, DeviceAccess device, NodePublicKey peer, PskProvider provider, RotationSchedule schedule)
            throws IOException {
        Optional<Peer> found = device.ask((target, _) -> Optional.ofNullable(target.peer(peer)));
        if (found.isEmpty()) {
            throw new NoSuchElementException(
                    "the interface " + name + " has no peer " + peer.base64() + ": add it first");
        }
        return new PresharedKeyRotation(name, device, found.get(), provider, schedule);
    }

    /** What is accepted beside the key in use. */
    private enum Beside {
        NOTHING,
        OLD,
        NEXT
    }

    @Override
    public RotationSchedule schedule() {
        return schedule;
    }

    @Override
    public Object subject() {
        return peer;
    }

    @Override
    public Instant step(Instant now) throws IOException {
        if (!device.ask((target, _) -> isThere(target))) {
            return NEVER;
        }
        long epoch = schedule.epoch(now);
        if (epochInUse == null || epochInUse != epoch) {
            change(epoch, now);
        }
        if (beside == Beside.OLD && !now.isBefore(settled) && mayOldGo(now)) {
            device.ask((_, _) -> setPending(null));
            beside = Beside.NOTHING;
        }
        if (beside == Beside.NOTHING) {
            prepare(epoch + 1);
        }
        Instant look = now.plus(KeyRotation.patience(schedule));
        if (epochInUse == null || epochInUse != epoch) {
            return look; // the provider has no key yet
        }
        Instant date = schedule.next(now);
        return switch (beside) {
            case NEXT -> date;
            case OLD -> earlier(date, settled.isAfter(now) ? settled : look);
            case NOTHING -> earlier(date, look);
        };
    }

    private boolean isThere(Device target) {
        return target.peer(peer.publicKey()) == peer;
    }

    /** Puts the key of {@code epoch} into use, if the provider has it. */
    private void change(long epoch, Instant now) throws IOException {
        boolean isPrepared = beside == Beside.NEXT && epochInUse != null && epochInUse == epoch - 1;
        if (!isPrepared) {
            Optional<PresharedKey> asked = ask(epoch);
            if (asked.isEmpty()) {
                sayMissing(epoch);
                return;
            }
            try (PresharedKey key = asked.get()) {
                device.ask((_, _) -> setPending(key));
            }
        }
        boolean hasOld = device.ask((_, _) -> promote());
        epochInUse = epoch;
        settled = (now.isAfter(schedule.start(epoch)) ? now : schedule.start(epoch)).plus(schedule.overlap());
        beside = hasOld ? Beside.OLD : Beside.NOTHING;
    }

    private void prepare(long epoch) throws IOException {
        Optional<PresharedKey> asked = ask(epoch);
        if (asked.isPresent()) {
            try (PresharedKey key = asked.get()) {
                device.ask((_, _) -> setPending(key));
            }
            beside = Beside.NEXT;
        }
    }

    private Optional<PresharedKey> ask(long epoch) throws IOException {
        NodePublicKey own = device.ask((target, _) -> target.publicKey());
        NodePublicKey theirs = device.ask((_, _) -> peer.publicKey());
        return provider.presharedKey(new PskProvider.Request(own, theirs, epoch, schedule.start(epoch)));
    }

    /** Whether there is an old key then: none at all is no second key. */
    private boolean promote() {
        peer.promotePendingPresharedKey();
        PresharedKey old = peer.pendingPresharedKey();
        boolean hasOld = old != null && !old.isZero();
        return hasOld || !setPending(null);
    }

    private boolean setPending(@Nullable PresharedKey key) {
        peer.setPendingPresharedKey(key);
        return true;
    }

    private boolean mayOldGo(Instant now) throws IOException {
        boolean isInUse = device.ask((_, nowNanos) -> peer.isPendingPresharedKeyInUse() && peer.hasSession(nowNanos));
        boolean isLast = !now.isBefore(schedule.next(now).minus(schedule.overlap()));
        if (isInUse && isLast) {
            LOG.warn(
                    "{}: the preshared key with {} ends, but the peer has shown no newer one: it is cut off until it has one",
                    name,
                    device.ask((_, _) -> peer.publicKey()).shortText());
        }
        return !isInUse || isLast;
    }

    private void sayMissing(long epoch) throws IOException {
        if (epochMissed != epoch) {
            epochMissed = epoch;
            LOG.warn(
                    "{}: there is no preshared key with {} for the time from {} on: the one before stays in use",
                    name,
                    device.ask((_, _) -> peer.publicKey()).shortText(),
                    schedule.start(epoch));
        }
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }
}
