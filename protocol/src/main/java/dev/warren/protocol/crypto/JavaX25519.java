package dev.warren.protocol.crypto;

/** BouncyCastle's X25519, which is all Java: no library to be missing, and twice as fast as the JDK's. */
public final class JavaX25519 implements X25519 {
    /** Its name is {@code java}. */
    public static final X25519 INSTANCE = new JavaX25519();

    private JavaX25519() {}

    @Override
    public boolean agree(byte[] privateKey, byte[] publicKey, byte[] secret) {
        return org.bouncycastle.math.ec.rfc7748.X25519.calculateAgreement(privateKey, 0, publicKey, 0, secret, 0);
    }

    @Override
    public void publish(byte[] privateKey, byte[] publicKey) {
        org.bouncycastle.math.ec.rfc7748.X25519.scalarMultBase(privateKey, 0, publicKey, 0);
    }

    @Override
    public String name() {
        return "java";
    }
}
