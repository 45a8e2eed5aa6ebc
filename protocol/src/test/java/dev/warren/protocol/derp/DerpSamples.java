package dev.warren.protocol.derp;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Hex;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.random.RandomGenerator;

/** The keys of the published vectors, and random frames. */
final class DerpSamples {
    static final NodePrivateKey CLIENT_PRIVATE =
            NodePrivateKey.parse("privkey:1011111111111111111111111111111111111111111111111111111111111151");
    static final NodePrivateKey SERVER_PRIVATE =
            NodePrivateKey.parse("privkey:2022222222222222222222222222222222222222222222222222222222222262");
    static final String CLIENT_HEX = "7b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f73f13";
    static final String SERVER_HEX = "0faa684ed28867b97f4a6a2dee5df8ce974e76b7018e3f22a1c4cf2678570f20";
    static final NodePublicKey CLIENT = NodePublicKey.parseHex(CLIENT_HEX);
    static final NodePublicKey SERVER = NodePublicKey.parseHex(SERVER_HEX);
    static final String NONCE_HEX = "000102030405060708090a0b0c0d0e0f1011121314151617";
    /** Gives the vectors' nonce, 00 01 ... 17, and then fails. */
    static final RandomGenerator NONCE = new RandomGenerator() {
        @Override
        public long nextLong() {
            throw new AssertionError("only a nonce is asked for");
        }

        @Override
        public void nextBytes(byte[] bytes) {
            System.arraycopy(Hex.bytes(NONCE_HEX), 0, bytes, 0, bytes.length);
        }
    };

    private DerpSamples() {}

    static Payload bytes(RandomGenerator random, int max) {
        byte[] bytes = new byte[random.nextInt(max + 1)];
        random.nextBytes(bytes);
        return Payload.of(bytes);
    }

    static NodePublicKey key(RandomGenerator random) {
        byte[] bytes = new byte[NodePublicKey.LENGTH];
        random.nextBytes(bytes);
        return NodePublicKey.of(bytes);
    }

    /** A frame of any type, small or as large as it may be. */
    static Frame frame(RandomGenerator random) {
        FrameType type = any(random, FrameType.values());
        int most = random.nextInt(20) == 0 ? Frame.MAX_PACKET : 200;
        return switch (type) {
            case SERVER_KEY -> new Frame.ServerKey(key(random));
            case CLIENT_INFO -> new Frame.ClientHello(key(random), box(random));
            case SERVER_INFO -> new Frame.ServerHello(box(random));
            case SEND_PACKET -> new Frame.SendPacket(key(random), bytes(random, most));
            case RECV_PACKET -> new Frame.RecvPacket(key(random), bytes(random, most));
            case KEEP_ALIVE -> new Frame.KeepAlive();
            case NOTE_PREFERRED -> new Frame.NotePreferred(random.nextBoolean());
            case PEER_GONE -> new Frame.PeerGone(key(random), any(random, PeerGoneReason.values()));
            case PEER_PRESENT ->
                new Frame.PeerPresent(key(random), random.nextInt(4) == 0 ? null : address(random), random.nextInt(16));
            case FORWARD_PACKET -> new Frame.ForwardPacket(key(random), key(random), bytes(random, most));
            case WATCH_CONNS -> new Frame.WatchConns();
            case CLOSE_PEER -> new Frame.ClosePeer(key(random));
            case PING -> new Frame.Ping(random.nextLong());
            case PONG -> new Frame.Pong(random.nextLong());
            case HEALTH -> new Frame.Health(text(random));
            case RESTARTING -> new Frame.Restarting(random.nextLong(1L << 32), random.nextLong(1L << 32));
        };
    }

    private static <T> T any(RandomGenerator random, T[] choices) {
        return List.of(choices).get(random.nextInt(choices.length));
    }

    private static Payload box(RandomGenerator random) {
        byte[] box = new byte[40 + random.nextInt(200)];
        random.nextBytes(box);
        return Payload.of(box);
    }

    private static String text(RandomGenerator random) {
        byte[] letters = bytes(random, 40).bytes();
        for (int i = 0; i < letters.length; i++) {
            letters[i] = (byte) ('a' + (letters[i] & 0xff) % 26);
        }
        return new String(letters, StandardCharsets.US_ASCII) + (random.nextBoolean() ? "" : "\u00e9");
    }

    static InetSocketAddress address(RandomGenerator random) {
        byte[] ip = new byte[random.nextBoolean() ? 4 : 16];
        random.nextBytes(ip);
        ip[0] |= 1;
        return new InetSocketAddress(address(ip), random.nextInt(1, 65_536));
    }

    static InetAddress address(byte[] ip) {
        try {
            return InetAddress.getByAddress(ip);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
