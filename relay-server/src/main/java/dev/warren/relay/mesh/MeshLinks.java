package dev.warren.relay.mesh;

import dev.warren.platform.net.Transport;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.relay.client.RelayContext;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The links of one relay to the others of its region. Any thread. */
public final class MeshLinks implements AutoCloseable {
    private final RelayContext relay;
    private final Transport transport;
    private final EventLoopGroup group;
    private final MeterRegistry registry;
    private final Map<DerpNode, MeshLink> links = new LinkedHashMap<>(); // guarded by this
    private boolean closed; // guarded by this

    private MeshLinks(RelayContext relay, Transport transport, EventLoopGroup group, MeterRegistry registry) {
        this.relay = relay;
        this.transport = transport;
        this.group = group;
        this.registry = registry;
    }

    /**
     * Begins to link {@code relay} to those in {@code with}, and returns at once. The links run on loops of
     * {@code group}, which is of {@code transport}'s kind and stays the caller's.
     */
    public static MeshLinks start(
            RelayContext relay,
            List<DerpNode> with,
            Transport transport,
            EventLoopGroup group,
            MeterRegistry registry) {
        MeshLinks links = new MeshLinks(relay, transport, group, registry);
        links.replace(with);
        return links;
    }

    /** From now on the others are these: ends the links to those that are gone, and begins those to new ones. */
    public synchronized void replace(Collection<DerpNode> with) {
        if (closed) {
            return;
        }
        links.values().removeIf(link -> {
            boolean isGone = !with.contains(link.node());
            if (isGone) {
                link.forget();
            }
            return isGone;
        });
        for (DerpNode node : with) {
            links.computeIfAbsent(node, this::begin);
        }
    }

    private MeshLink begin(DerpNode node) {
        LinkMetrics metrics = new LinkMetrics(registry, node.name());
        MeshLink link = new MeshLink(relay, transport, group.next(), node, MeshLink.Timing.DEFAULT, metrics);
        link.start();
        return link;
    }

    /** Ends them for good. */
    @Override
    public synchronized void close() {
        closed = true;
        links.values().forEach(MeshLink::close);
    }
}
