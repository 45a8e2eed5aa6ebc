package dev.warren.platform.crypto;

import dev.warren.protocol.crypto.JavaX25519;
import dev.warren.protocol.crypto.X25519;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * X25519 by libcrypto 3. Keys are made for one call and freed with it: nothing secret stays in the library's memory, and
 * to make them costs a twentieth of the agreement.
 */
public final class LibcryptoX25519 implements X25519 {
    private static final LibcryptoX25519 INSTANCE = new LibcryptoX25519();

    // The memory of a call: three times 32 bytes, a long, and the parameters for a key pair.
    private static final long MINE_AT = 0;
    private static final long THEIRS_AT = LENGTH;
    private static final long SECRET_AT = 2L * LENGTH;
    private static final long LENGTH_AT = 3L * LENGTH;
    private static final long PARAMETERS_AT = LENGTH_AT + Long.BYTES;
    private static final byte NOT_WRITTEN = (byte) 0xff;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private LibcryptoX25519() {}

    /** Itself, or null where the machine has no libcrypto 3 that works. Its name is {@code libcrypto}. */
    public static @Nullable X25519 find() {
        try {
            return X25519SelfTest.passes(INSTANCE) ? INSTANCE : null;
        } catch (LinkageError missing) {
            return null;
        }
    }

    @Override
    public boolean agree(byte[] privateKey, byte[] publicKey, byte[] secret) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = memory(arena, privateKey);
            MemorySegment.copy(publicKey, 0, memory, BYTE, THEIRS_AT, LENGTH);
            memory.asSlice(SECRET_AT, LENGTH).fill(NOT_WRITTEN);
            boolean isDone = derive(memory);
            MemorySegment.copy(memory, BYTE, SECRET_AT, secret, 0, LENGTH);
            memory.fill((byte) 0);
            if (isDone || isZero(secret)) {
                return isDone;
            }
            return JavaX25519.INSTANCE.agree(privateKey, publicKey, secret); // there was no memory
        }
    }

    @Override
    public void publish(byte[] privateKey, byte[] publicKey) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = memory(arena, privateKey);
            long key = LibcryptoKeys.privateKey(memory.asSlice(MINE_AT, LENGTH));
            boolean isDone = key != 0
                    && LibcryptoKeys.readPublic(
                            key, memory.asSlice(THEIRS_AT, LENGTH), memory.asSlice(LENGTH_AT, Long.BYTES));
            LibcryptoKeys.free(key);
            MemorySegment.copy(memory, BYTE, THEIRS_AT, publicKey, 0, LENGTH);
            memory.fill((byte) 0);
            if (!isDone) {
                JavaX25519.INSTANCE.publish(privateKey, publicKey);
            }
        }
    }

    @Override
    public String name() {
        return "libcrypto";
    }

    private static boolean isZero(byte[] secret) {
        int any = 0;
        for (byte one : secret) {
            any |= one;
        }
        return any == 0;
    }

    private static MemorySegment memory(Arena arena, byte[] privateKey) {
        MemorySegment memory = arena.allocate(PARAMETERS_AT + LibcryptoKeys.parameterBytes(), Long.BYTES);
        MemorySegment.copy(privateKey, 0, memory, BYTE, MINE_AT, LENGTH);
        return memory;
    }

    /**
     * From a key pair whose public half is not the private one's but whatever is at hand, as an agreement does not look
     * at it: libcrypto would compute it otherwise, which is as much work as the agreement.
     */
    private static boolean derive(MemorySegment memory) {
        MemorySegment theirBytes = memory.asSlice(THEIRS_AT, LENGTH);
        long mine = LibcryptoKeys.pair(
                memory.asSlice(MINE_AT, LENGTH),
                theirBytes,
                memory.asSlice(PARAMETERS_AT, LibcryptoKeys.parameterBytes()));
        long theirs = LibcryptoKeys.publicKey(theirBytes);
        boolean isDone = mine != 0
                && theirs != 0
                && LibcryptoKeys.derive(
                        mine, theirs, memory.asSlice(SECRET_AT, LENGTH), memory.asSlice(LENGTH_AT, Long.BYTES));
        LibcryptoKeys.free(mine);
        LibcryptoKeys.free(theirs);
        return isDone;
    }
}
