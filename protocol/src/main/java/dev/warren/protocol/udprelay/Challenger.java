package dev.warren.protocol.udprelay;

import dev.warren.protocol.crypto.Blake2s;
import dev.warren.protocol.disco.Challenge;
import dev.warren.protocol.disco.DiscoMessage.Binding;
import dev.warren.protocol.key.DiscoPublicKey;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/**
 * Makes challenges and knows its own again, without a memory of them: BLAKE2s-256 under a secret over all that a bind is
 * about and the address that it came from. The secret changes every two minutes; the one before it is still good.
 */
final class Challenger {
    /** derp.md section 9. */
    static final long SECRET_LIFETIME = 120_000_000_000L;

    private static final int SECRET_LENGTH = 32;
    private static final int IPV6_LENGTH = 16;

    private final RandomGenerator random;
    private byte[] current;
    private byte[] previous;
    private long changedNanos;

    Challenger(RandomGenerator random, long nowNanos) {
        this.random = random;
        this.current = secret();
        this.previous = secret();
        this.changedNanos = nowNanos;
    }

    /** The challenge for a bind of {@code leg} from {@code source}. */
    Challenge challenge(Binding binding, Leg leg, InetSocketAddress source, long nowNanos) {
        changeSecrets(nowNanos);
        return made(current, binding, leg, source);
    }

    /** Whether {@code answered} was made for the same, two to four minutes ago at most. */
    boolean isOurs(Challenge answered, Binding binding, Leg leg, InetSocketAddress source, long nowNanos) {
        changeSecrets(nowNanos);
        return answered.matches(made(current, binding, leg, source))
                || answered.matches(made(previous, binding, leg, source));
    }

    private static Challenge made(byte[] secret, Binding binding, Leg leg, InetSocketAddress source) {
        byte[] address = source.getAddress().getAddress();
        ByteBuffer input = ByteBuffer.allocate(4 * Integer.BYTES + DiscoPublicKey.LENGTH + IPV6_LENGTH + Short.BYTES);
        input.putInt(binding.vni()).putInt(binding.generation()).putInt(leg.moves);
        input.put(binding.remote().bytes());
        input.putInt(address.length).putShort((short) source.getPort()).put(address);
        byte[] mac = new Blake2s(Challenge.LENGTH, secret).update(input.array()).finish();
        return Challenge.of(mac, 0);
    }

    private void changeSecrets(long nowNanos) {
        long missed = (nowNanos - changedNanos) / SECRET_LIFETIME;
        if (missed > 0) {
            previous = missed == 1 ? current : secret();
            current = secret();
            changedNanos += missed * SECRET_LIFETIME;
        }
    }

    private byte[] secret() {
        byte[] bytes = new byte[SECRET_LENGTH];
        random.nextBytes(bytes);
        return bytes;
    }
}
