package dev.warren.protocol.disco;

import dev.warren.protocol.disco.DiscoMessage.CallMeMaybe;
import dev.warren.protocol.disco.DiscoMessage.Ping;
import dev.warren.protocol.disco.DiscoMessage.Pong;
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
        return switch (random.nextInt(4)) {
            case 0 -> new Ping(id, NodePrivateKey.generate(random).publicKey(), random.nextInt(1200));
            case 1 -> new Ping(id, null, random.nextInt(100));
            case 2 -> new Pong(id, endpoint(random));
            default -> new CallMeMaybe(endpoints(random));
        };
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
