package dev.warren.platform.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.crypto.JavaX25519;
import dev.warren.protocol.crypto.X25519;
import dev.warren.protocol.testing.X25519Contract;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LibcryptoX25519Test extends X25519Contract {
    private static final int THREADS = 4;
    private static final int ROUNDS = 200;

    LibcryptoX25519Test() {
        super(Objects.requireNonNull(
                LibcryptoX25519.find(), "the tests need OpenSSL's libcrypto 3: apt-get install libssl3"));
    }

    @Test
    void shouldBeCalledLibcrypto() {
        assertEquals("libcrypto", x25519().name());
    }

    @Test
    void shouldServeManyThreads() throws Exception {
        byte[] expected = chain(JavaX25519.INSTANCE);
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Callable<byte[]>> chains = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                chains.add(() -> chain(x25519()));
            }
            for (Future<byte[]> done : threads.invokeAll(chains)) {
                assertArrayEquals(expected, done.get());
            }
        }
    }

    @Test
    void shouldPassTheSelfTestOnlyWhenAllIsRight() {
        assertTrue(X25519SelfTest.passes(x25519()));
        assertTrue(X25519SelfTest.passes(JavaX25519.INSTANCE));
        assertFalse(X25519SelfTest.passes(new Broken(true, false, false)), "wrong secrets");
        assertFalse(X25519SelfTest.passes(new Broken(false, true, false)), "wrong public keys");
        assertFalse(X25519SelfTest.passes(new Broken(false, false, true)), "takes points of low order");
        assertTrue(X25519SelfTest.passes(new Broken(false, false, false)));
    }

    private static byte[] chain(X25519 x25519) {
        byte[] scalar = new byte[X25519.LENGTH];
        scalar[0] = 9;
        byte[] secret = new byte[X25519.LENGTH];
        for (int i = 0; i < ROUNDS; i++) {
            byte[] point = new byte[X25519.LENGTH];
            x25519.publish(scalar, point);
            assertTrue(x25519.agree(scalar, point, secret));
            scalar = secret.clone();
        }
        return scalar;
    }

    /** Java's, with mistakes. */
    private record Broken(boolean secrets, boolean published, boolean lowOrder) implements X25519 {
        @Override
        public boolean agree(byte[] privateKey, byte[] publicKey, byte[] secret) {
            boolean isUsable = JavaX25519.INSTANCE.agree(privateKey, publicKey, secret);
            secret[31] ^= (byte) (secrets ? 1 : 0);
            return isUsable || lowOrder;
        }

        @Override
        public void publish(byte[] privateKey, byte[] publicKey) {
            JavaX25519.INSTANCE.publish(privateKey, publicKey);
            publicKey[0] ^= (byte) (published ? 1 : 0);
        }

        @Override
        public String name() {
            return "broken";
        }
    }
}
