package dev.warren.protocol.coordination;

import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * The name of one mesh: 16 random bytes as 32 lower-case hex digits, made by its coordinator at the first start.
 *
 * @param text the 32 hex digits
 */
public record MeshId(String text) {
    private static final int BYTES = 16;
    private static final int ULA_BITS = 48;

    /** Checks the form; throws {@link CoordinationFormatException}. */
    public MeshId {
        if (text.length() != 2 * BYTES || !text.chars().allMatch(MeshId::isLowerHex)) {
            throw new CoordinationFormatException("a mesh id has " + 2 * BYTES + " lower-case hex digits");
        }
    }

    /** A new id from {@code random}. */
    public static MeshId generate(RandomGenerator random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return new MeshId(HexFormat.of().formatHex(bytes));
    }

    /**
     * This mesh's unique local IPv6 block, fd + 40 bits of the id's hash (RFC 4193 section 3.1; 3.2.2 for the hash).
     */
    public IpPrefix ulaPrefix() {
        byte[] hash = Hashes.sha256(("warren ula v1\n" + text).getBytes(StandardCharsets.UTF_8));
        byte[] address = new byte[16];
        address[0] = (byte) 0xfd;
        System.arraycopy(hash, 0, address, 1, 5);
        try {
            return new IpPrefix(InetAddress.getByAddress(address), ULA_BITS);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    public String toString() {
        return text;
    }

    private static boolean isLowerHex(int c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }
}
