package dev.warren.protocol.wireguard;

import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Seeds;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Initiations with a right first MAC and nothing behind it, each from another false address. */
final class Flood {
    private final TestNode target;
    private final RandomGenerator random;
    private final byte[] network;

    /** Against {@code target}, from {@code network}: the first bytes of all addresses. */
    Flood(TestNode target, RandomGenerator random, int... network) {
        this.target = target;
        this.random = random;
        this.network = new byte[network.length];
        for (int i = 0; i < network.length; i++) {
            this.network[i] = (byte) network[i];
        }
    }

    /** One message for {@code receiver}. */
    static byte[] message(NodePublicKey receiver, long seed) {
        byte[] message = new byte[InitiationMessage.LENGTH];
        Seeds.random(seed).nextBytes(message);
        MessageType.INITIATION.encode(message, 0);
        Arrays.fill(message, message.length - Macs.LENGTH, message.length, (byte) 0);
        new CookieJar(receiver).stamp(message, 0, message.length, 0);
        return message;
    }

    /** Has so many of them arrive; nothing is worked on. */
    void arrive(int count, long nowNanos) {
        byte[] message = message(target.publicKey(), random.nextInt());
        for (int i = 0; i < count; i++) {
            target.device.receive(
                    MemorySegment.ofArray(message), 0, message.length, 0, new Origin.Direct(source()), nowNanos);
        }
    }

    private InetSocketAddress source() {
        byte[] address = new byte[4];
        random.nextBytes(address);
        System.arraycopy(network, 0, address, 0, network.length);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), 1024 + random.nextInt(60_000));
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
