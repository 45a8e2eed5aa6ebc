package dev.warren.loadtest.tunnel;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.random.RandomGenerator;

/** Configurations in the form of {@code wg setconf} (wg(8)). */
public final class PeerText {
    /** WireGuard's usual port; each bed is alone in its namespaces. */
    public static final int PORT = 51_820;

    private final StringBuilder text = new StringBuilder();
    private int numbered;

    private PeerText() {}

    /** No interface: peers for one that is there and has others, whose addresses they leave alone. */
    static PeerText morePeers() {
        PeerText text = new PeerText();
        text.numbered = 1 << 22;
        return text;
    }

    /** An interface with this key. */
    public PeerText(NodePrivateKey key) {
        byte[] bytes = key.bytes();
        text.append("[Interface]\nPrivateKey = ")
                .append(Base64.getEncoder().encodeToString(bytes))
                .append("\nListenPort = ")
                .append(PORT)
                .append('\n');
        Arrays.fill(bytes, (byte) 0);
    }

    /** Adds a peer with one address; {@code endpoint} may be empty. */
    public PeerText peer(NodePublicKey key, String address, String endpoint) {
        text.append("[Peer]\nPublicKey = ")
                .append(key.base64())
                .append("\nAllowedIPs = ")
                .append(address)
                .append("/32\n");
        if (!endpoint.isEmpty()) {
            text.append("Endpoint = ").append(endpoint).append('\n');
        }
        return this;
    }

    /** Adds peers that will come from wherever they are, each with an address of 10.128.0.0/9. */
    PeerText peers(List<NodePublicKey> keys) {
        for (NodePublicKey key : keys) {
            peer(key, "10." + (128 + (numbered >> 16)) + "." + (numbered >> 8 & 255) + "." + (numbered & 255), "");
            numbered++;
        }
        return this;
    }

    /** Adds so many peers whose private keys nobody has. */
    PeerText strangers(int count, RandomGenerator random) {
        byte[] bytes = new byte[32];
        for (int i = 0; i < count; i++) {
            random.nextBytes(bytes);
            bytes[31] &= 0x7f;
            peers(List.of(NodePublicKey.of(bytes.clone())));
        }
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
