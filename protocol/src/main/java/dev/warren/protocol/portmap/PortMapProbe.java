package dev.warren.protocol.portmap;

import dev.warren.protocol.portmap.PortMapServices.Service;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks one gateway for all three port-mapping services at once, several times, and gives up on those that stay silent.
 * A gateway with an IPv6 address is asked for PCP only, as the others map IPv4. Times are monotonic nanoseconds given by
 * the caller. Not thread-safe.
 */
public final class PortMapProbe {
    private static final long MILLI = 1_000_000;
    /** When questions are sent again: a quarter of a second after the first, then doubled (RFC 6886 section 3.1). */
    private static final long[] ROUNDS_NANOS = {0, 250 * MILLI, 750 * MILLI};
    /** The rest is for devices that take the time they were given to answer a multicast. */
    private static final long GIVE_UP_NANOS = 1_500 * MILLI;

    private static final int MAX_WAIT_SECONDS = 1;
    private static final String GATEWAY_DEVICE = "urn:schemas-upnp-org:device:InternetGatewayDevice:1";
    private static final InetSocketAddress EVERY_DEVICE =
            new InetSocketAddress(InetAddress.ofLiteral(SsdpCodec.MULTICAST), SsdpCodec.PORT);

    /**
     * A datagram to send.
     *
     * @param to where it goes
     * @param bytes what is in it
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    public record Datagram(InetSocketAddress to, byte[] bytes) {}

    private final InetAddress gateway;
    private final InetAddress self;
    private final long startNanos;

    private int round;
    private boolean abandoned;
    private Service natPmp = Service.SILENT;
    private Service pcp = Service.SILENT;
    private Service upnp = Service.SILENT;
    private @Nullable InetAddress external;
    private @Nullable String upnpLocation;

    /** A probe of {@code gateway} from our address {@code self}, whose first questions are due at {@code nowNanos}. */
    public PortMapProbe(InetAddress gateway, InetAddress self, long nowNanos) {
        this.gateway = gateway;
        this.self = self;
        this.startNanos = nowNanos;
    }

    /** The router that is asked. */
    public InetAddress gateway() {
        return gateway;
    }

    /** What is due to be sent: to services that have not answered yet. */
    public List<Datagram> poll(long nowNanos) {
        List<Datagram> due = new ArrayList<>();
        if (nowNanos >= nextDeadlineNanos()) {
            if (round < ROUNDS_NANOS.length) {
                round++;
                ask(due);
            } else {
                abandoned = true;
            }
        }
        return due;
    }

    /** When {@link #poll} has something to do next; {@code Long.MAX_VALUE} once the probe is over. */
    public long nextDeadlineNanos() {
        if (isOver()) {
            return Long.MAX_VALUE;
        }
        return startNanos + (round < ROUNDS_NANOS.length ? ROUNDS_NANOS[round] : GIVE_UP_NANOS);
    }

    /** Whether every service has answered or was given up. */
    public boolean isOver() {
        boolean allAnswered = !pcp.isSilent() && (!mapsIpv4() || (!natPmp.isSilent() && !upnp.isSilent()));
        return abandoned || allAnswered;
    }

    /** Nothing can be sent to the gateway: gives up. */
    public void abandon() {
        abandoned = true;
    }

    /** Takes a datagram; true when it was an answer to a question of ours. */
    public boolean receive(byte[] buffer, int offset, int length, InetSocketAddress from) {
        if (round == 0) {
            return false;
        }
        if (from.getPort() == NatPmpCodec.PORT && from.getAddress().equals(gateway)) {
            return onNatPmp(NatPmpCodec.decode(buffer, offset, length))
                    || onPcp(PcpCodec.decode(buffer, offset, length));
        }
        // A device may answer from any port, and a search by multicast finds one that is not the gateway.
        return mapsIpv4() && onSsdp(SsdpCodec.decode(buffer, offset, length));
    }

    /** What was found so far. */
    public PortMapServices services() {
        return new PortMapServices(gateway, natPmp, pcp, upnp, external, upnpLocation);
    }

    private boolean mapsIpv4() {
        return gateway instanceof Inet4Address;
    }

    private void ask(List<Datagram> due) {
        InetSocketAddress mapper = new InetSocketAddress(gateway, NatPmpCodec.PORT);
        if (pcp.isSilent()) {
            PcpMessage question = new PcpMessage.AnnounceRequest(self);
            byte[] bytes = new byte[PcpCodec.encodedLength(question)];
            PcpCodec.encode(question, bytes, 0);
            due.add(new Datagram(mapper, bytes));
        }
        if (mapsIpv4() && natPmp.isSilent()) {
            NatPmpMessage question = new NatPmpMessage.AddressRequest();
            byte[] bytes = new byte[NatPmpCodec.encodedLength(question)];
            NatPmpCodec.encode(question, bytes, 0);
            due.add(new Datagram(mapper, bytes));
        }
        if (mapsIpv4() && upnp.isSilent()) {
            // First the gateway alone: some routers answer no multicast, and it needs no multicast route.
            due.add(search(new InetSocketAddress(gateway, SsdpCodec.PORT), 0));
            due.add(search(EVERY_DEVICE, MAX_WAIT_SECONDS));
        }
    }

    private static Datagram search(InetSocketAddress to, int maxWaitSeconds) {
        String host = to.getAddress().getHostAddress() + ":" + to.getPort();
        SsdpMessage question = new SsdpMessage.Search(host, GATEWAY_DEVICE, maxWaitSeconds);
        byte[] bytes = new byte[SsdpCodec.encodedLength(question)];
        SsdpCodec.encode(question, bytes, 0);
        return new Datagram(to, bytes);
    }

    private boolean onNatPmp(@Nullable NatPmpMessage answer) {
        return switch (answer) {
            case NatPmpMessage.Address(long _, Inet4Address address) -> {
                natPmp = Service.OFFERED;
                external = address.isAnyLocalAddress() ? null : address;
                yield true;
            }
            case NatPmpMessage.Refused(int result, long _) -> {
                // The answer of a gateway that speaks other versions only, to whatever of ours it did not understand.
                boolean otherVersion = result == NatPmpResult.UNSUPPORTED_VERSION.code;
                if (!otherVersion && natPmp.isSilent()) {
                    NatPmpResult known = NatPmpResult.of(result);
                    natPmp = Service.refused(known == null ? "result " + result : known.words);
                }
                yield true;
            }
            case NatPmpMessage.AddressRequest() -> false;
            case null -> false;
        };
    }

    private boolean onPcp(@Nullable PcpMessage answer) {
        if (!(answer instanceof PcpMessage.Response response)) {
            return false;
        }
        // Whoever says "unsupported version" in version 2 speaks version 2: it was our NAT-PMP that it did not know.
        boolean serves = response.result() == PcpResult.SUCCESS.code
                || response.result() == PcpResult.UNSUPP_VERSION.code
                || response.result() == PcpResult.UNSUPP_OPCODE.code;
        if (serves) {
            pcp = Service.OFFERED;
        } else if (pcp.isSilent()) {
            PcpResult known = PcpResult.of(response.result());
            pcp = Service.refused(known == null ? "result " + response.result() : known.words);
        }
        return true;
    }

    private boolean onSsdp(@Nullable SsdpMessage message) {
        if (!(message instanceof SsdpMessage.Answer answer) || !answer.isGateway()) {
            return false;
        }
        if (upnp.isSilent()) {
            upnp = Service.OFFERED;
            upnpLocation = answer.location().isEmpty() ? null : answer.location();
        }
        return true;
    }
}
