package dev.warren.protocol.disco;

import dev.warren.protocol.disco.DiscoMessage.AllocateRequest;
import dev.warren.protocol.disco.DiscoMessage.AllocateResponse;
import dev.warren.protocol.disco.DiscoMessage.BindAnswer;
import dev.warren.protocol.disco.DiscoMessage.BindChallenge;
import dev.warren.protocol.disco.DiscoMessage.BindRequest;
import dev.warren.protocol.disco.DiscoMessage.Binding;
import dev.warren.protocol.disco.DiscoMessage.CallMeMaybe;
import dev.warren.protocol.disco.DiscoMessage.CallMeMaybeVia;
import dev.warren.protocol.disco.DiscoMessage.Ping;
import dev.warren.protocol.disco.DiscoMessage.Pong;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.NodePrivateKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Random messages for the properties. */
final class DiscoSamples {
    private DiscoSamples() {}

    static DiscoMessage message(RandomGenerator random) {
        TxId id = TxId.random(random);
        return switch (random.nextInt(10)) {
            case 0 -> new Ping(id, NodePrivateKey.generate(random).publicKey(), random.nextInt(1200));
            case 1 -> new Ping(id, null, random.nextInt(100));
            case 2 -> new Pong(id, endpoint(random));
            case 3 -> new BindRequest(binding(random));
            case 4 -> new BindChallenge(binding(random), challenge(random));
            case 5 -> new BindAnswer(binding(random), challenge(random));
            case 6 -> new CallMeMaybeVia(session(random));
            case 7 -> new AllocateRequest(pair(random), random.nextInt());
            case 8 -> new AllocateResponse(random.nextInt(), session(random));
            default -> new CallMeMaybe(endpoints(random));
        };
    }

    private static Binding binding(RandomGenerator random) {
        return new Binding(random.nextInt(), random.nextInt(), key(random));
    }

    private static Challenge challenge(RandomGenerator random) {
        return new Challenge(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
    }

    private static RelaySession session(RandomGenerator random) {
        List<InetSocketAddress> addresses = new ArrayList<>(endpoints(random));
        addresses.add(endpoint(random));
        return new RelaySession(
                key(random),
                pair(random),
                random.nextLong(),
                random.nextInt(),
                random.nextLong(),
                random.nextLong(),
                addresses);
    }

    private static DiscoPair pair(RandomGenerator random) {
        return new DiscoPair(key(random), key(random));
    }

    private static DiscoPublicKey key(RandomGenerator random) {
        byte[] bytes = new byte[DiscoPublicKey.LENGTH];
        random.nextBytes(bytes);
        return DiscoPublicKey.of(bytes);
    }

    private static List<InetSocketAddress> endpoints(RandomGenerator random) {
        List<InetSocketAddress> endpoints = new ArrayList<>();
        for (int i = random.nextInt(20); i > 0; i--) {
            endpoints.add(endpoint(random));
        }
        return endpoints;
    }

    static InetSocketAddress endpoint(RandomGenerator random) {
        byte[] address = new byte[random.nextBoolean() ? 4 : 16];
        random.nextBytes(address);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), random.nextInt(65536));
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
