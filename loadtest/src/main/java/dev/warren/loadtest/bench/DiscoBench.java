package dev.warren.loadtest.bench;

import dev.warren.protocol.crypto.NaclBox;
import dev.warren.protocol.disco.DiscoEnvelope;
import dev.warren.protocol.disco.DiscoMessage;
import dev.warren.protocol.disco.TxId;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.NodePrivateKey;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Disco's pings, and the NaCl box that they, and a relay's login, are sealed with. */
@Title("Disco and NaCl box")
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DiscoBench {
    private static final int MESSAGE_BYTES = 64;

    private final SecureRandom random = new SecureRandom();
    private final DiscoPrivateKey mine = DiscoPrivateKey.generate(random);
    private final DiscoPublicKey theirs = DiscoPrivateKey.generate(random).publicKey();
    private final DiscoMessage ping = new DiscoMessage.Ping(
            TxId.random(random), NodePrivateKey.generate(random).publicKey(), 0);
    private final NaclBox box = NaclBox.between(mine, theirs);
    private final byte[] message = new byte[MESSAGE_BYTES];
    private final byte[] sealed = box.seal(message, random);
    private final byte[] envelope = DiscoEnvelope.seal(box, mine.publicKey(), ping, random);

    /** Encoded, sealed, enveloped. */
    @Benchmark
    @Title("disco ping sealed")
    public byte[] sealPing() {
        return DiscoEnvelope.seal(box, theirs, ping, random);
    }

    /** Recognised, opened, decoded. */
    @Benchmark
    @Title("disco ping opened")
    public @Nullable DiscoMessage openPing() {
        return DiscoEnvelope.open(box, envelope, 0, envelope.length);
    }

    /** 64 bytes under a random nonce. */
    @Benchmark
    @Title("box of 64 B sealed")
    public byte[] sealBox() {
        return box.seal(message, random);
    }

    /** 64 bytes. */
    @Benchmark
    @Title("box of 64 B opened")
    public byte @Nullable [] openBox() {
        return box.open(sealed, 0, sealed.length);
    }

    /** One X25519 agreement and a hash; once for a pair of keys. */
    @Benchmark
    @Title("box between two keys")
    public NaclBox agree() {
        return NaclBox.between(mine, theirs);
    }
}
