package dev.warren.protocol.coordination;

import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.RelaySpec;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Random but valid messages of every kind. */
public final class RandomMessages {
    private final RandomGenerator random;

    /** All that it makes comes from {@code random}. */
    public RandomMessages(RandomGenerator random) {
        this.random = random;
    }

    /** One message of each kind. */
    public List<Record> oneOfEach() {
        return List.of(
                token(),
                registerRequest(),
                registerAnswer(),
                updateRequest(),
                new UpdateAnswer(random.nextLong(1, Long.MAX_VALUE)),
                full(),
                delta(),
                new WatchFrame.KeepAlive(random.nextLong(1L << 50)),
                new VerifyRequest(nodeKey(), orNull(this::word)),
                new VerifyAnswer(random.nextBoolean()),
                new NonceAnswer(word(), millis()),
                new ErrorAnswer(pick(ErrorCode.values()), word(), orNull(this::millis)),
                status());
    }

    /** A signed statement of a new identity. */
    public SignedNodeRecord signed() {
        IdentityPrivateKey key = IdentityPrivateKey.generate(random);
        return SignedNodeRecord.sign(statement(key), key);
    }

    /** A statement of {@code key}'s identity. */
    public NodeStatement statement(IdentityPrivateKey key) {
        return new NodeStatement(
                MeshId.generate(random),
                key.publicKey(),
                random.nextLong(1, Long.MAX_VALUE),
                list(1, 3, () -> new DatedKey(nodeKey(), orNull(this::millis), orNull(this::millis))),
                DiscoPublicKey.of(bytes(32)),
                list(0, 5, this::endpoint),
                random.nextInt(1000));
    }

    private JoinToken token() {
        return new JoinToken(
                MeshId.generate(random),
                list(1, 3, () -> URI.create("https://" + AddressText.format(endpoint()))),
                list(0, 2, () -> "sha256-raw:" + "0123456789abcdef".repeat(4)),
                "s" + word(),
                orNull(this::millis));
    }

    private RegisterRequest registerRequest() {
        return new RegisterRequest(
                random.nextInt(), list(0, 3, this::word), word(), word(), signed(), orNull(this::word));
    }

    private RegisterAnswer registerAnswer() {
        return new RegisterAnswer(random.nextInt(), list(0, 3, this::word), MeshId.generate(random), node(), relays());
    }

    private UpdateRequest updateRequest() {
        return new UpdateRequest(orNull(this::signed), orNull(() -> list(0, 4, this::path)));
    }

    private PathReport path() {
        return new PathReport(
                nodeKey(), pick(PathKind.values()), orNull(this::endpoint), random.nextInt(1000), orNull(this::millis));
    }

    private WatchFrame.Full full() {
        return new WatchFrame.Full(
                random.nextLong(1L << 50), MeshId.generate(random), node(), list(0, 4, this::node), relays());
    }

    private WatchFrame.Delta delta() {
        return new WatchFrame.Delta(
                random.nextLong(1L << 50),
                random.nextLong(1L << 50),
                list(0, 3, this::node),
                list(0, 3, () -> IdentityPrivateKey.generate(random).publicKey()),
                list(
                        0,
                        3,
                        () -> new Presence(
                                IdentityPrivateKey.generate(random).publicKey(),
                                random.nextBoolean(),
                                orNull(this::millis))),
                orNull(this::relays));
    }

    private NodeRecord node() {
        return new NodeRecord(
                word(),
                signed(),
                list(0, 2, this::ip),
                list(0, 3, () -> IpPrefix.host(ip())),
                list(0, 2, this::word),
                millis(),
                random.nextBoolean(),
                orNull(this::millis));
    }

    private DerpMap relays() {
        return DerpMap.of(list(0, 3, () -> RelaySpec.parse((900 + random.nextInt(5)) + "=192.0.2.1:443")));
    }

    private StatusView status() {
        return new StatusView(
                MeshId.generate(random),
                random.nextLong(1L << 50),
                millis(),
                list(0, 3, this::statusNode),
                list(
                        0,
                        3,
                        () -> new StatusView.Pair(
                                word(),
                                word(),
                                pick(PathKind.values()),
                                orNull(this::millis),
                                orNull(this::side),
                                null)),
                list(0, 2, () -> new StatusView.Relay(900, word(), list(0, 2, this::word))));
    }

    private StatusView.Node statusNode() {
        return new StatusView.Node(
                word(),
                IdentityPrivateKey.generate(random).publicKey(),
                list(0, 2, this::ip),
                list(0, 2, this::word),
                word(),
                random.nextBoolean(),
                orNull(this::millis),
                random.nextInt(1000),
                list(0, 2, this::word));
    }

    private StatusView.Side side() {
        return new StatusView.Side(pick(PathKind.values()), word(), orNull(this::millis), millis());
    }

    private NodePublicKey nodeKey() {
        return NodePublicKey.of(bytes(32));
    }

    private InetSocketAddress endpoint() {
        return new InetSocketAddress(ip(), random.nextInt(65_536));
    }

    private InetAddress ip() {
        byte[] bytes = bytes(random.nextBoolean() ? 4 : 16);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private String word() {
        StringBuilder word = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            word.appendCodePoint(random.nextInt(8) == 0 ? pick(new Integer[] {0x22, 0x5c, 0x1f600, 0}) : 'a' + i);
        }
        return word.toString();
    }

    private long millis() {
        return random.nextLong(1L << 42);
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private <T> T pick(T[] values) {
        return values[random.nextInt(values.length)];
    }

    private <T> @Nullable T orNull(Supplier<T> value) {
        return random.nextBoolean() ? value.get() : null;
    }

    private <T> List<T> list(int least, int most, Supplier<T> item) {
        List<T> items = new ArrayList<>();
        for (int i = random.nextInt(least, most + 1); i > 0; i--) {
            items.add(item.get());
        }
        return items;
    }
}
