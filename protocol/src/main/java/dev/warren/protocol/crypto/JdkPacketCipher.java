package dev.warren.protocol.crypto;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's ChaCha20-Poly1305, which every JVM has. It is fastest in place in an array, so a packet is copied there and
 * back; it wants an {@code init} for each packet, which copies key and nonce (about 2 KB of garbage); and it throws for
 * a bad tag.
 */
public final class JdkPacketCipher implements PacketCipher {
    /** Its name is {@code jdk}. */
    public static final Factory FACTORY = new Factory() {
        @Override
        public PacketCipher of(byte[] key) {
            return new JdkPacketCipher(key);
        }

        @Override
        public String name() {
            return "jdk";
        }
    };

    private static final String ALGORITHM = "ChaCha20-Poly1305";
    /** A packet of the usual MTU with its tag. */
    private static final int USUAL_LENGTH = 1536;

    private final OffHeapKey key;
    /** One for each direction: the JDK refuses to seal under the counter that the same object has opened under. */
    private @Nullable Cipher sealing;

    private @Nullable Cipher opening;
    private final byte[] nonce = new byte[JdkAead.NONCE_LENGTH];
    private byte[] scratch = new byte[0];

    JdkPacketCipher(byte[] key) {
        this.key = new OffHeapKey(key);
    }

    @Override
    public void seal(long counter, MemorySegment memory, long offset, int length) {
        requireOpen();
        PacketCipher.requireWithin(memory, offset, (long) length + TAG_LENGTH);
        sealing = sealing == null ? newCipher() : sealing;
        byte[] array = scratch(length + TAG_LENGTH);
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, array, 0, length);
        try {
            run(sealing, Cipher.ENCRYPT_MODE, counter, array, length);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
        MemorySegment.copy(array, 0, memory, ValueLayout.JAVA_BYTE, offset, length + TAG_LENGTH);
    }

    @Override
    public boolean open(long counter, MemorySegment memory, long offset, int length) {
        requireOpen();
        PacketCipher.requireWithin(memory, offset, length);
        if (length < TAG_LENGTH) {
            return false;
        }
        opening = opening == null ? newCipher() : opening;
        byte[] array = scratch(length);
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, array, 0, length);
        try {
            run(opening, Cipher.DECRYPT_MODE, counter, array, length);
        } catch (AEADBadTagException forged) {
            return false;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
        MemorySegment.copy(array, 0, memory, ValueLayout.JAVA_BYTE, offset, length - TAG_LENGTH);
        return true;
    }

    @Override
    public void close() {
        key.destroy();
        Arrays.fill(scratch, (byte) 0);
    }

    /** Where the key lies, for tests that look whether it is gone. */
    MemorySegment keyMemory() {
        return key.memory();
    }

    private void run(Cipher cipher, int mode, long counter, byte[] array, int length) throws GeneralSecurityException {
        LittleEndian.writeLong(nonce, 4, counter);
        cipher.init(mode, key, new IvParameterSpec(nonce));
        int _ = cipher.doFinal(array, 0, length, array, 0);
    }

    private static Cipher newCipher() {
        try {
            return Cipher.getInstance(ALGORITHM);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this Java runtime has no " + ALGORITHM, missing);
        }
    }

    private byte[] scratch(int length) {
        if (scratch.length < length) {
            Arrays.fill(scratch, (byte) 0);
            scratch = new byte[Math.max(length, USUAL_LENGTH)];
        }
        return scratch;
    }

    private void requireOpen() {
        if (key.isDestroyed()) {
            throw new IllegalStateException("the cipher is closed");
        }
    }
}
