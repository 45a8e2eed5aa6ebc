package dev.warren.node.api;

import dev.warren.node.control.UapiServer;
import dev.warren.node.tunnel.Acceleration;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
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
    /** Is told of interfaces that ended though nobody deleted them. */
    @FunctionalInterface
    public interface Listener {
        /**
         * The interface is gone; called on a thread of its own. {@code reason} is a sentence when it failed, empty when
         * somebody deleted its device or its socket.
         */
        void ended(String name, String reason);
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
     */
    public void create(InterfaceConfig config) throws IOException {
        String name = config.name();
        lifecycle.lock();
        try {
            requireOpen();
            if (running.containsKey(name)) {
                throw new IllegalStateException("there is an interface " + name + " already: delete or update it");
            }
            RunningInterface created =
                    RunningInterface.open(config, acceleration, socketOf == null ? null : socketOf.apply(name));
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
     * @throws IllegalStateException when the interface has that peer already
     * @throws IllegalArgumentException when it is the interface's own key
     */
    public void addPeer(String name, PeerConfig peer) throws IOException {
        running(name).addPeer(peer);
    }

    /**
     * Sets a peer to {@code peer}; its sessions go on. An endpoint that is empty, or the host name that it has already,
     * leaves the peer where it is, also when that is elsewhere by now.
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
        for (Listener listener : listeners) {
            try {
                listener.ended(ended.name(), reason);
            } catch (RuntimeException failed) {
                LOG.warn("a listener failed when it was told of the end of {}", ended.name(), failed);
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
