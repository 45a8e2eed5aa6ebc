package dev.warren.node.api;

import dev.warren.node.keys.KeyId;
import dev.warren.node.keys.KeyManager;
import dev.warren.node.keys.PskProvider;
import dev.warren.node.keys.RotationSchedule;
import dev.warren.node.keys.StoredKeys.Protection;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.testing.Seeds;
import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.DropReason;
import dev.warren.protocol.wireguard.IpPrefix;
import dev.warren.protocol.wireguard.Origin;
import dev.warren.protocol.wireguard.Peer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** A device whose keys change, without sockets and threads, and with a clock that the test sets. */
@SuppressWarnings("NullAway.Init") // connect and begin set the rest before it is used
final class RotatingEnd implements DeviceAccess {
    static final RotationSchedule SCHEDULE = new RotationSchedule(Duration.ofMinutes(2), Duration.ofSeconds(20));
    static final Instant START = Instant.parse("2026-11-29T12:00:30Z");

    final ArrayDeque<byte[]> transmitted = new ArrayDeque<>();
    final Set<NodePublicKey> usedKeys = new HashSet<>();
    final KeyManager keys;
    Device device;
    Peer peer;
    PskProvider provider = PskProvider.derivedFrom(PresharedKey.generate(Seeds.random(99)));
    Duration skew = Duration.ZERO;
    boolean tells = true;
    /** How many questions are answered until the process dies. */
    int questionsLeft = Integer.MAX_VALUE;

    int sent;
    int delivered;
    NodePublicKey told;
    Optional<NodePublicKey> toldNext = Optional.empty();
    OwnKeyRotation own;
    PresharedKeyRotation preshared;
    Instant ownNext = START;
    Instant presharedNext = START;
    private final String address;
    private final String otherAddress;
    private final RandomGenerator random;
    private long nowNanos;
    private RotatingEnd other;

    RotatingEnd(Path folder, int number, RandomGenerator random) {
        this.keys = new KeyManager(KeyManager.Settings.of(folder));
        this.address = "10.0.0." + number;
        this.otherAddress = "10.0.0." + (3 - number);
        this.random = random;
        this.device = device();
        // As after a first start: it has a key, which becomes the first generation.
        try {
            keys.privateKeys().store(new KeyId("wg0"), device.privateKey(), Protection.PLAIN);
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    private Device device() {
        Device made = new Device(NodePrivateKey.generate(random), 1420, random, new Output());
        made.setUnixOffset(Duration.between(Instant.EPOCH, START.plus(skew)).toNanos());
        return made;
    }

    /** Makes each the other's peer. */
    static void connect(RotatingEnd one, RotatingEnd two) {
        one.other = two;
        two.other = one;
        one.told = two.device.publicKey();
        two.told = one.device.publicKey();
        one.addPeer();
        two.addPeer();
    }

    private void addPeer() {
        peer = device.addPeer(told, nowNanos);
        device.allowedIps().insert(IpPrefix.parse(otherAddress + "/32"), peer);
        NextKeys.set(peer, toldNext);
    }

    /** The changes begin, or go on after a restart. */
    void begin() throws IOException {
        own = new OwnKeyRotation(
                "wg0", this, keys.privateKeyGenerations(new KeyId("wg0")), SCHEDULE, (current, next, from) -> {
                    if (tells) {
                        other.isTold(current, next);
                    }
                });
        preshared = PresharedKeyRotation.of("wg0", this, peer.publicKey(), provider, SCHEDULE);
    }

    /** The process dies, and another one starts with what is on the disk, and what its configuration says. */
    void restart() throws IOException {
        device.close();
        transmitted.clear();
        questionsLeft = Integer.MAX_VALUE;
        device = device();
        addPeer();
        begin();
        ownNext = now();
        presharedNext = now();
    }

    private void isTold(NodePublicKey current, NodePublicKey next) {
        told = current;
        toldNext = Optional.of(next);
        peer = Objects.requireNonNull(NextKeys.find(device, current));
        NextKeys.set(peer, toldNext);
    }

    Instant now() {
        return START.plus(skew).plusNanos(nowNanos);
    }

    /** Runs what is due. */
    void run(long now) throws IOException {
        nowNanos = now;
        device.poll(now);
        if (!now().isBefore(ownNext)) {
            ownNext = own.step(now());
            usedKeys.add(device.publicKey());
        }
        if (!now().isBefore(presharedNext)) {
            presharedNext = preshared.step(now());
        }
    }

    void send() {
        byte[] packet = new byte[60];
        packet[0] = 0x45;
        packet[3] = 60;
        System.arraycopy(InetAddress.ofLiteral(address).getAddress(), 0, packet, 12, 4);
        System.arraycopy(InetAddress.ofLiteral(otherAddress).getAddress(), 0, packet, 16, 4);
        byte[] buffer = new byte[Device.HEADROOM + packet.length + Device.TAILROOM];
        System.arraycopy(packet, 0, buffer, Device.HEADROOM, packet.length);
        sent++;
        device.sendPacket(MemorySegment.ofArray(buffer), Device.HEADROOM, packet.length, nowNanos);
    }

    void receive(byte[] message) {
        device.receive(MemorySegment.ofArray(message), 0, message.length, 0, new Origin.Relayed(1, told), nowNanos);
    }

    @Override
    public <T> T ask(Question<T> question) throws IOException {
        if (questionsLeft-- <= 0) {
            throw new IOException("this process has died");
        }
        return question.answer(device, nowNanos);
    }

    private final class Output implements Device.Output {
        @Override
        public void transmit(Peer to, MemorySegment memory, long offset, int length, int trafficClass) {
            transmitted.add(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
        }

        @Override
        public void reply(Origin origin, byte[] buffer, int offset, int length) {}

        @Override
        public void deliver(Peer from, MemorySegment memory, long offset, int length) {
            delivered++;
        }

        @Override
        public void authenticated(Peer from, Origin origin, boolean handshake, long now) {}

        @Override
        public void established(Peer with, long now) {}

        @Override
        public void dropped(DropReason reason) {}
    }
}
