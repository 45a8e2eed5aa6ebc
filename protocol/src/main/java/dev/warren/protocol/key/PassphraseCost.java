package dev.warren.protocol.key;

import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * What it costs to try one passphrase: the parameters of Argon2id (RFC 9106).
 *
 * @param memoryKibibytes that each try fills, 8 for each lane to 262144 (256 MiB)
 * @param passes over the memory, 1 to 16
 * @param lanes of the computation, 1 to 8
 */
public record PassphraseCost(int memoryKibibytes, int passes, int lanes) {
    /** RFC 9106 section 4, the choice for machines that are short of memory: 64 MiB, three passes, four lanes. */
    public static final PassphraseCost USUAL = new PassphraseCost(64 * 1024, 3, 4);

    static final int SALT_LENGTH = 16;

    private static final int MIN_KIBIBYTES_PER_LANE = 8;
    /** So that a file from elsewhere can't ask for more than a machine has, or for hours. */
    private static final int MAX_MEMORY_KIBIBYTES = 256 * 1024;

    private static final int MAX_PASSES = 16;
    private static final int MAX_LANES = 8;
    private static final int KEY_LENGTH = 32;

    /** Throws IllegalArgumentException for what is out of bounds. */
    public PassphraseCost {
        check("lanes", lanes, 1, MAX_LANES);
        check("passes", passes, 1, MAX_PASSES);
        check("KiB of memory", memoryKibibytes, MIN_KIBIBYTES_PER_LANE * lanes, MAX_MEMORY_KIBIBYTES);
    }

    /** The 32 bytes that this passphrase and salt give; the caller wipes them. */
    byte[] derive(byte[] passphrase, byte[] salt) {
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(memoryKibibytes)
                .withIterations(passes)
                .withParallelism(lanes)
                .withSalt(salt)
                .build());
        byte[] key = new byte[KEY_LENGTH];
        generator.generateBytes(passphrase, key);
        return key;
    }

    private static void check(String what, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    "Argon2id is used with " + min + " to " + max + " " + what + ", not " + value);
        }
    }
}
