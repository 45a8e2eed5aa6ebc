package dev.warren.protocol.key;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** 32 public bytes: what all public keys have in common. Immutable. */
abstract sealed class PublicBytes permits NodePublicKey, DiscoPublicKey, IdentityPublicKey {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] bytes;
    private final int hash;

    PublicBytes(byte[] bytes) {
        this.bytes = bytes;
        this.hash = Arrays.hashCode(bytes);
    }

    /** A fresh copy of the 32 bytes. */
    public final byte[] bytes() {
        return bytes.clone();
    }

    /** Writes the 32 bytes into {@code target} from {@code offset} on. */
    public final void copyTo(byte[] target, int offset) {
        System.arraycopy(bytes, 0, target, offset, KeyText.LENGTH);
    }

    /** Eight of the bytes as a number, big-endian; {@code index} is 0 to 3. */
    public final long word(int index) {
        return (long) LONG.get(bytes, index * Long.BYTES);
    }

    /** Whether the 32 bytes at {@code offset} are this key's; allocates nothing. */
    public final boolean matches(byte[] source, int offset) {
        return Arrays.equals(bytes, 0, KeyText.LENGTH, source, offset, offset + KeyText.LENGTH);
    }

    /** Whether all bytes are zero, which stands for "no key" on the wire. */
    public final boolean isZero() {
        for (byte b : bytes) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /** 64 lower-case hex digits, no prefix. */
    public final String hex() {
        return HexFormat.of().formatHex(bytes);
    }

    /** The standard base64 form, as {@code wg} prints keys. */
    public final String base64() {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** The first five characters of the base64 form in brackets, for logs and tables. */
    public final String shortText() {
        return "[" + base64().substring(0, 5) + "]";
    }

    @Override
    public final boolean equals(Object other) {
        return other != null && other.getClass() == getClass() && Arrays.equals(bytes, ((PublicBytes) other).bytes);
    }

    @Override
    public final int hashCode() {
        return hash;
    }
}
