package dev.warren.protocol.stun;

import dev.warren.protocol.stun.StunAttribute.ErrorCode;
import dev.warren.protocol.stun.StunAttribute.MappedAddress;
import dev.warren.protocol.stun.StunAttribute.Raw;
import dev.warren.protocol.stun.StunAttribute.Software;
import dev.warren.protocol.stun.StunAttribute.UnknownAttributes;
import dev.warren.protocol.stun.StunAttribute.XorMappedAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Random messages for the properties. */
final class StunSamples {
    private StunSamples() {}

    static StunMessage message(RandomGenerator random) {
        MessageType type = MessageType.of(random.nextInt(0x4000));
        int cookie = random.nextInt(4) == 0 ? random.nextInt() : StunCodec.MAGIC_COOKIE;
        List<StunAttribute> attributes = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            attributes.add(attribute(random));
        }
        return new StunMessage(type, cookie, TransactionId.random(random), attributes);
    }

    static InetSocketAddress address(RandomGenerator random) {
        try {
            InetAddress address = InetAddress.getByAddress(bytes(random, random.nextBoolean() ? 4 : 16));
            return new InetSocketAddress(address, random.nextInt(65536));
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static StunAttribute attribute(RandomGenerator random) {
        return switch (random.nextInt(6)) {
            case 0 -> new MappedAddress(address(random));
            case 1 -> new XorMappedAddress(address(random));
            case 2 -> new Software("a".repeat(random.nextInt(100)) + "é");
            case 3 -> new ErrorCode(random.nextInt(300, 700), "b".repeat(random.nextInt(764)));
            case 4 ->
                new UnknownAttributes(
                        random.ints(random.nextInt(9), 0, 65536).boxed().toList());
            default -> Raw.of(AttributeType.USERNAME, bytes(random, random.nextInt(40)));
        };
    }

    private static byte[] bytes(RandomGenerator random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
