package dev.warren.relay.mesh;

import dev.warren.platform.net.Transport;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.relay.client.RelayContext;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.util.List;

/** The links of one relay to the others of its region. */
public final class MeshLinks implements AutoCloseable {
    private final List<MeshLink> links;

    private MeshLinks(List<MeshLink> links) {
        this.links = links;
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
        List<MeshLink> links = with.stream()
                .map(node -> new MeshLink(
                        relay,
                        transport,
                        group.next(),
                        node,
                        MeshLink.Timing.DEFAULT,
                        new LinkMetrics(registry, node.name())))
                .toList();
        links.forEach(MeshLink::start);
        return new MeshLinks(links);
    }

    /** Ends them for good. */
    @Override
    public void close() {
        links.forEach(MeshLink::close);
    }
}
