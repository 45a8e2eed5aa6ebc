package dev.warren.protocol.simulation;

import dev.warren.protocol.key.NodePublicKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A relay as its clients see it: packets by node key, reliable and in order, over connections that no UDP block
 * reaches. Stopping it drops every connection and what is under way; clients come back by themselves a moment after it
 * starts.
 */
public final class SimRelay {
    /** A client of the relay. */
    public interface Client {
        /** The connection came up or went down. */
        void relayState(int region, boolean connected, long nowNanos);

        /** A packet has come; the payload is the client's. */
        void relayPacket(int region, NodePublicKey from, byte[] payload, long nowNanos);

        /** The relay knows of nobody with this key, or no more. */
        void peerGone(int region, NodePublicKey peer, long nowNanos);
    }

    private static final Duration RECONNECT = Duration.ofSeconds(1);

    private final SimNetwork network;
    private final int region;
    private final Duration delay;
    private final Map<NodePublicKey, Client> clients = new LinkedHashMap<>();
    private boolean running = true;
    /** Counts the starts, so that what was sent before a stop does not arrive after it. */
    private int generation;

    private long forwarded;

    /** A running relay; a packet takes {@code delay} from one client to the other. */
    public SimRelay(SimNetwork network, int region, Duration delay) {
        this.network = network;
        this.region = region;
        this.delay = delay;
    }

    /** Its region's number. */
    public int region() {
        return region;
    }

    /** Packets that reached their client so far. */
    public long forwarded() {
        return forwarded;
    }

    /** From now on the relay has this client, whenever it runs. A client with the same key is replaced. */
    public void connect(NodePublicKey key, Client client) {
        clients.put(key, client);
        if (running) {
            client.relayState(region, true, network.time().nowNanos());
        }
    }

    /** The client leaves. */
    public void disconnect(NodePublicKey key, Client client) {
        clients.remove(key, client);
    }

    /** Drops every connection. */
    public void stop() {
        running = false;
        generation++;
        for (Client client : List.copyOf(clients.values())) {
            client.relayState(region, false, network.time().nowNanos());
        }
    }

    /** Listens again; the clients are back a second later. */
    public void start() {
        int started = ++generation;
        network.time().after(RECONNECT, () -> {
            if (started == generation) {
                running = true;
                for (Client client : List.copyOf(clients.values())) {
                    client.relayState(region, true, network.time().nowNanos());
                }
            }
        });
    }

    /** Sends through the relay; the payload is copied. False when the relay is down. */
    public boolean send(NodePublicKey from, NodePublicKey to, byte[] buffer, int offset, int length) {
        if (!running) {
            return false;
        }
        byte[] payload = Arrays.copyOfRange(buffer, offset, offset + length);
        int sent = generation;
        network.time().after(delay, () -> {
            if (sent == generation) {
                arrive(from, to, payload);
            }
        });
        return true;
    }

    private void arrive(NodePublicKey from, NodePublicKey to, byte[] payload) {
        long nowNanos = network.time().nowNanos();
        Client client = clients.get(to);
        if (client != null) {
            forwarded++;
            client.relayPacket(region, from, payload, nowNanos);
            return;
        }
        Client sender = clients.get(from);
        if (sender != null) {
            sender.peerGone(region, to, nowNanos);
        }
    }
}
