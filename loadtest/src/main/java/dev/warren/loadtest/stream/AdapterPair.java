package dev.warren.loadtest.stream;

import dev.warren.loadtest.tunnel.Daemon;
import dev.warren.loadtest.tunnel.End;
import dev.warren.loadtest.tunnel.Implementation;
import dev.warren.loadtest.tunnel.PeerText;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.key.NodePrivateKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** WireGuard in user space that knows no relay, with an adapter at each end that does. */
final class AdapterPair implements Pair {
    /** That of Tailscale's and of our mesh. */
    private static final int MTU_BYTES = 1280;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final String address;

    private AdapterPair(String address) {
        this.address = address;
    }

    /** Starts both ends; the adapters are connected to the relay when this returns. */
    static AdapterPair start(StreamBed bed, Implementation implementation, DerpRegion region, RandomGenerator random)
            throws IOException, InterruptedException {
        AdapterPair pair = new AdapterPair(bed.right().innerAddress());
        try {
            pair.begin(bed, implementation, region, random);
            return pair;
        } catch (IOException | RuntimeException | InterruptedException failed) {
            pair.close();
            throw failed;
        }
    }

    private void begin(StreamBed bed, Implementation implementation, DerpRegion region, RandomGenerator random)
            throws IOException, InterruptedException {
        NodePrivateKey left = opened(NodePrivateKey.generate(random));
        NodePrivateKey right = opened(NodePrivateKey.generate(random));
        opened(Daemon.start(implementation, bed.left()));
        opened(Daemon.start(implementation, bed.right()));
        opened(DerpAdapter.start(bed.left(), region, left, right.publicKey()));
        opened(DerpAdapter.start(bed.right(), region, right, left.publicKey()));
        try (NodePrivateKey leftTunnel = NodePrivateKey.generate(random);
                NodePrivateKey rightTunnel = NodePrivateKey.generate(random)) {
            configure(bed.left(), leftTunnel, bed.right(), rightTunnel);
            configure(bed.right(), rightTunnel, bed.left(), leftTunnel);
        }
    }

    private static void configure(End end, NodePrivateKey key, End other, NodePrivateKey otherKey) throws IOException {
        end.configure(new PeerText(key)
                .peer(otherKey.publicKey(), other.innerAddress(), "127.0.0.1:" + DerpAdapter.PORT)
                .toString());
        end.address(MTU_BYTES);
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public long[] pids() {
        return all(Daemon.class).mapToLong(Daemon::processId).toArray();
    }

    @Override
    public Counts counts() {
        long relayed = all(DerpAdapter.class).toList().getLast().relayedBytes();
        return new Counts(
                relayed,
                all(DerpAdapter.class).mapToLong(DerpAdapter::droppedBefore).sum(),
                all(DerpAdapter.class).mapToLong(DerpAdapter::droppedBehind).sum());
    }

    private <T> java.util.stream.Stream<T> all(Class<T> type) {
        return open.stream().filter(type::isInstance).map(type::cast);
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.add(resource);
        return resource;
    }

    @Override
    public void close() {
        for (AutoCloseable resource : open.reversed()) {
            try {
                resource.close();
            } catch (Exception unexpected) {
                throw new IllegalStateException("an end of the stream could not be ended", unexpected);
            }
        }
        open.clear();
    }
}
