package dev.warren.node.api;

import dev.warren.node.control.UapiServer;
import dev.warren.node.keys.KeyGenerations;
import dev.warren.node.keys.PskProvider;
import dev.warren.node.keys.RotationSchedule;
import dev.warren.node.tunnel.Acceleration;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The WireGuard interfaces of this process: creates, changes, shows and deletes them. Each has a TUN device, UDP sockets
 * and a thread of its own, and is gone with {@link #delete}, {@link #close} or the process. Needs CAP_NET_ADMIN and
 * {@code /dev/net/tun}; docs/api.md has a whole program.
 *
 * <p>All methods may be called by any thread, and wait until what they do is done. An interface belongs to the network
 * namespace of the thread that created it. Methods that name an interface or a peer that is not there throw
 * NoSuchElementException, all of them IllegalStateException after {@link #close}; what the system refuses is an
 * IOException with one sentence.
 */
public final class TunnelManager implements AutoCloseable {
    /** Is told of interfaces that ended though nobody deleted them, and of keys that change. */
    @FunctionalInterface
    public interface Listener {
        /**
         * The interface is gone; called on a thread of its own. {@code reason} is a sentence when it failed, empty when
         * somebody deleted its device or its socket.
         */
        void ended(String name, String reason);

        /**
         * The interface, which has the public key {@code current} now, will have {@code next} from {@code from} on, see
         * {@link #rotatePrivateKey}: time to tell its peers, for {@link #expectPeerKey}. Called on a thread of its own, and
         * again after a restart.
         */
        default void nextKeyMade(String name, NodePublicKey current, NodePublicKey next, Instant from) {}

        /** A peer has changed to its {@link PeerConfig#nextPublicKey}. Called on a thread of its own. */
        default void peerKeyChanged(String name, NodePublicKey before, NodePublicKey now) {}
    }

    private static final Logger LOG = LoggerFactory.getLogger(TunnelManager.class);

    private final Acceleration acceleration;
    private final @Nullable Function<String, Path> socketOf;
    private final ConcurrentMap<String, RunningInterface> running = new ConcurrentSkipListMap<>();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final ReentrantLock lifecycle = new ReentrantLock();
    private volatile boolean closed;

    private TunnelManager(Acceleration acceleration, @Nullable Function<String, Path> socketOf) {
        this.acceleration = acceleration;
        this.socketOf = socketOf;
    }

    /** Without interfaces yet; only this process can change them. */
    public static TunnelManager open() {
        return new TunnelManager(Acceleration.BEST, null);
    }

    /** The same, but {@code wg} and {@code wg-quick} too see and change every interface, in /var/run/wireguard. */
    public static TunnelManager openToWg() {
        return openToWg(Acceleration.BEST);
    }

    /** The same with what may make its interfaces fast; a UserError when one is created says what this machine lacks. */
    public static TunnelManager openToWg(Acceleration acceleration) {
        return new TunnelManager(acceleration, UapiServer::socketPath);
    }

    /** The same with the sockets {@code NAME.sock} in another folder, which is made when it is missing. */
    public static TunnelManager openToWg(Path folder) {
        return new TunnelManager(Acceleration.BEST, name -> folder.resolve(name + ".sock"));
    }

    // ------------------------------------------------------------------------------------------------------ interfaces

    /**
     * Creates an interface and switches it on. Endpoints that are host names are looked up in the background. When it
     * fails, nothing is left behind.
     *
     * @throws IllegalStateException when there is one of that name here already
     * @throws IOException when the system refuses: no capability, the name, the port or an address is taken
     * @throws dev.warren.platform.config.UserError when {@code wg}'s socket of that name is another program's, or is none
     */
    public void create(InterfaceConfig config) throws IOException {
        String name = config.name();
        lifecycle.lock();
        try {
            requireOpen();
            if (running.containsKey(name)) {
                throw new IllegalStateException("there is an interface " + name + " already: delete or update it");
            }
            RunningInterface created = RunningInterface.open(
                    config,
                    acceleration,
                    socketOf == null ? null : socketOf.apply(name),
                    (before, now) -> tell(listener -> listener.peerKeyChanged(name, before, now)));
            running.put(name, created);
            created.onEnd(reason -> ended(created, reason));
        } finally {
            lifecycle.unlock();
        }
    }

    /** Deletes an interface, with its addresses and routes; false when there is none of that name. */
    public boolean delete(String name) {
        lifecycle.lock();
        try {
            requireOpen();
            RunningInterface deleted = running.remove(name);
            if (deleted != null) {
                deleted.close();
            }
            return deleted != null;
        } finally {
            lifecycle.unlock();
        }
    }

    /** What an interface is set to now, also by {@code wg} and {@code ip}; the keys in it are copies. Empty for none. */
    public Optional<InterfaceConfig> get(String name) throws IOException {
        requireOpen();
        RunningInterface found = running.get(name);
        return found == null ? Optional.empty() : Optional.of(found.config());
    }

    /** The names of all interfaces, in alphabetical order. */
    public List<String> list() {
        requireOpen();
        return List.copyOf(running.keySet());
    }

    /** What an interface and its peers have done. */
    public InterfaceStatistics statistics(String name) throws IOException {
        return running(name).statistics();
    }

    // ----------------------------------------------------------------------------------------------------------- peers

    /**
     * Adds a peer. Blocks of addresses that another peer of the interface has move to it, as with {@code wg set}.
     *
     * @throws IllegalStateException when the interface has that peer already, or 65536 others
     * @throws IllegalArgumentException when it is the interface's own key, or its next one is somebody else's
     */
    public void addPeer(String name, PeerConfig peer) throws IOException {
        running(name).addPeer(peer);
    }

    /**
     * Sets a peer to {@code peer}; its sessions go on. An endpoint that is empty, or the host name that it has already,
     * leaves the peer where it is, also when that is elsewhere by now; a preshared key that is being rotated stays as it is.
     * A peer may be named by its next public key too, and has that for good then.
     *
     * @throws IllegalArgumentException when its next public key is the interface's own or another peer's
     */
    public void updatePeer(String name, PeerConfig peer) throws IOException {
        running(name).updatePeer(peer);
    }

    /** Removes a peer; false when there is none with that key. */
    public boolean removePeer(String name, NodePublicKey key) throws IOException {
        return running(name).removePeer(key);
    }

    /** The peers of an interface, in the order in which they were added; the keys in them are copies. */
    public List<PeerConfig> peers(String name) throws IOException {
        return running(name).peers();
    }

    // -------------------------------------------------------------------------------------------------------- rotation

    /**
     * Changes the interface's private key by {@code schedule} from now on, without losing a packet: the kept key for today
     * is set at once, and made when there is none; each next one is made, and told to the listeners, when the one before
     * has settled, and used from its date on; the old one is accepted for the overlap, and as long as a connected peer
     * uses it, but not to the next date. In place of an earlier rotation of this interface's; ends with it.
     *
     * @throws IOException when a key can't be read or written
     */
    public void rotatePrivateKey(String name, KeyGenerations<NodePrivateKey> generations, RotationSchedule schedule)
            throws IOException {
        running(name)
                .rotatePrivateKey(
                        generations,
                        schedule,
                        (current, next, from) -> tell(listener -> listener.nextKeyMade(name, current, next, from)));
    }

    /**
     * A peer, which has the public key {@code current}, is about to change to {@code next}: it is known under both until
     * it uses the new one. {@code current} may be the one that was expected last, which the peer has not shown yet.
     *
     * @throws IllegalArgumentException when {@code next} is the interface's own key or another peer's
     */
    public void expectPeerKey(String name, NodePublicKey current, NodePublicKey next) throws IOException {
        running(name).expectPeerKey(current, next);
    }

    /**
     * Changes the preshared key with a peer by {@code schedule} from now on, without losing a packet, to what
     * {@code provider} gives. The other end needs the same schedule and a provider that gives the same; the clocks may
     * differ by the overlap. The key that is set now counts as the one before, if it is not zero. In place of an earlier
     * rotation of this peer's; ends with it.
     */
    public void rotatePresharedKey(String name, NodePublicKey peer, PskProvider provider, RotationSchedule schedule)
            throws IOException {
        running(name).rotatePresharedKey(peer, provider, schedule);
    }

    // ------------------------------------------------------------------------------------------------------------- end

    /** Has {@code listener} told of every interface that ends by itself from now on. */
    public void addListener(Listener listener) {
        listeners.add(listener);
    }

    /** Tells {@code listener} no more. */
    public void removeListener(Listener listener) {
        listeners.remove(listener);
    }

    /** Deletes all interfaces; they are gone when it returns. A second time it does nothing. */
    @Override
    public void close() {
        lifecycle.lock();
        try {
            closed = true;
            running.values().forEach(RunningInterface::close);
            running.clear();
        } finally {
            lifecycle.unlock();
        }
    }

    private void ended(RunningInterface ended, String reason) {
        lifecycle.lock();
        try {
            if (!running.remove(ended.name(), ended)) {
                return; // deleted meanwhile: no news
            }
            ended.close();
        } finally {
            lifecycle.unlock();
        }
        tell(listener -> listener.ended(ended.name(), reason));
    }

    private void tell(Consumer<Listener> news) {
        for (Listener listener : listeners) {
            try {
                news.accept(listener);
            } catch (RuntimeException failed) {
                LOG.warn("a listener failed when it was told of an interface", failed);
            }
        }
    }

    private RunningInterface running(String name) {
        requireOpen();
        RunningInterface found = running.get(name);
        if (found == null) {
            throw new NoSuchElementException("there is no interface \"" + name + "\" here: create it first");
        }
        return found;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this TunnelManager is closed");
        }
    }
}
