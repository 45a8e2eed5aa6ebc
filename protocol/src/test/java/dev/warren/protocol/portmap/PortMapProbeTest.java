package dev.warren.protocol.portmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.portmap.PortMapProbe.Datagram;
import dev.warren.protocol.portmap.PortMapServices.Service;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class PortMapProbeTest {
    private static final long MILLI = 1_000_000;
    private static final long START = 77;
    private static final InetAddress SELF = InetAddress.ofLiteral("192.168.1.20");
    private static final InetAddress GATEWAY = InetAddress.ofLiteral("192.168.1.1");
    private static final InetSocketAddress MAPPER = new InetSocketAddress(GATEWAY, 5351);
    private static final InetSocketAddress UPNP = new InetSocketAddress(GATEWAY, 1900);
    private static final Inet4Address OUTSIDE = Inet4Address.ofLiteral("203.0.113.7");
    private static final SsdpMessage DEVICE = new SsdpMessage.Answer(
            "urn:schemas-upnp-org:device:InternetGatewayDevice:1", "uuid:1", "http://192.168.1.1:5000/x.xml", "");

    private final PortMapProbe probe = new PortMapProbe(GATEWAY, SELF, START);

    @Test
    void shouldAskForAllServicesAtOnceAndAgainUntilItGivesUp() {
        List<Datagram> first = probe.poll(START);
        assertEquals(
                List.of(MAPPER, MAPPER, UPNP, new InetSocketAddress("239.255.255.250", 1900)),
                first.stream().map(Datagram::to).toList());
        assertTrue(probe.poll(START + 1).isEmpty(), "not due again");
        assertEquals(START + 250 * MILLI, probe.nextDeadlineNanos());
        assertEquals(4, probe.poll(START + 250 * MILLI).size());
        assertEquals(START + 750 * MILLI, probe.nextDeadlineNanos());
        assertEquals(4, probe.poll(START + 750 * MILLI).size());
        assertFalse(probe.isOver());
        assertTrue(probe.poll(probe.nextDeadlineNanos()).isEmpty());
        assertTrue(probe.isOver());
        assertEquals(Long.MAX_VALUE, probe.nextDeadlineNanos());
        assertEquals(
                new PortMapServices(GATEWAY, Service.SILENT, Service.SILENT, Service.SILENT, null, null),
                probe.services());
    }

    @Test
    void shouldBeOverOnceEveryServiceHasAnswered() {
        probe.poll(START);
        assertTrue(receive(new NatPmpMessage.Address(9, OUTSIDE), MAPPER));
        assertEquals(3, probe.poll(START + 250 * MILLI).size(), "NAT-PMP is not asked again");
        assertTrue(receive(new PcpMessage.Response(0, 0, 0, 9), MAPPER));
        assertFalse(probe.isOver());
        assertTrue(receive(DEVICE, new InetSocketAddress(GATEWAY, 40_000)), "from any port");
        assertTrue(probe.isOver());
        assertEquals(
                new PortMapServices(
                        GATEWAY,
                        Service.OFFERED,
                        Service.OFFERED,
                        Service.OFFERED,
                        OUTSIDE,
                        "http://192.168.1.1:5000/x.xml"),
                probe.services());
    }

    @Test
    void shouldSayThatAGatewayRefuses() {
        probe.poll(START);
        assertTrue(receive(new NatPmpMessage.Refused(NatPmpResult.NOT_AUTHORIZED.code, 9), MAPPER));
        assertTrue(receive(new PcpMessage.Response(0, PcpResult.NOT_AUTHORIZED.code, 0, 9), MAPPER));
        assertEquals(Service.refused("not authorized"), probe.services().natPmp());
        assertEquals(Service.refused("not authorized"), probe.services().pcp());
        assertNull(probe.services().external());
    }

    @Test
    void shouldNameResultsThatItDoesNotKnow() {
        probe.poll(START);
        receive(new NatPmpMessage.Refused(77, 9), MAPPER);
        receive(new PcpMessage.Response(0, 88, 0, 9), MAPPER);
        assertEquals(Service.refused("result 77"), probe.services().natPmp());
        assertEquals(Service.refused("result 88"), probe.services().pcp());
        receive(new PcpMessage.Response(0, PcpResult.SUCCESS.code, 0, 9), MAPPER);
        assertEquals(Service.OFFERED, probe.services().pcp(), "a yes counts more than a no");
    }

    @Test
    void shouldTellTheTwoProtocolsOfThePortApart() {
        probe.poll(START);
        receive(new NatPmpMessage.Refused(NatPmpResult.UNSUPPORTED_VERSION.code, 9), MAPPER);
        assertEquals(Service.SILENT, probe.services().natPmp(), "its answer to our PCP");
        assertEquals(Service.SILENT, probe.services().pcp());
        receive(new PcpMessage.Response(0, PcpResult.UNSUPP_VERSION.code, 0, 9), MAPPER);
        assertEquals(Service.OFFERED, probe.services().pcp(), "its answer to our NAT-PMP, in PCP");
        receive(new NatPmpMessage.Address(9, Inet4Address.ofLiteral("0.0.0.0")), MAPPER);
        assertEquals(Service.OFFERED, probe.services().natPmp());
        assertNull(probe.services().external(), "it has none yet");
    }

    @Test
    void shouldTakeNoAnswerFromOthers() {
        assertFalse(receive(new NatPmpMessage.Address(9, OUTSIDE), MAPPER), "nothing was asked yet");
        probe.poll(START);
        assertFalse(receive(new NatPmpMessage.Address(9, OUTSIDE), new InetSocketAddress("192.168.1.2", 5351)));
        assertFalse(receive(new NatPmpMessage.Address(9, OUTSIDE), new InetSocketAddress(GATEWAY, 5350)));
        assertFalse(receive(new NatPmpMessage.AddressRequest(), MAPPER), "our own question");
        assertFalse(receive(new PcpMessage.AnnounceRequest(SELF), MAPPER), "our own question");
        assertFalse(
                receive(new SsdpMessage.Answer("urn:schemas-upnp-org:device:MediaServer:1", "", "", ""), UPNP),
                "a television");
        assertFalse(probe.receive(new byte[0], 0, 0, UPNP));
        assertEquals(Service.SILENT, probe.services().natPmp());
        assertEquals(Service.SILENT, probe.services().upnp());
    }

    @Test
    void shouldAskAnIpv6GatewayForPcpOnly() {
        InetAddress gateway = InetAddress.ofLiteral("fe80::1");
        PortMapProbe six = new PortMapProbe(gateway, InetAddress.ofLiteral("2001:db8::20"), START);
        List<Datagram> first = six.poll(START);
        assertEquals(1, first.size());
        assertEquals(new InetSocketAddress(gateway, 5351), first.getFirst().to());
        byte[] answer = bytes(new PcpMessage.Response(0, 0, 0, 1));
        assertTrue(six.receive(answer, 0, answer.length, new InetSocketAddress(gateway, 5351)));
        assertTrue(six.isOver());
    }

    @Test
    void shouldGiveUpWhenNothingCanBeSent() {
        probe.poll(START);
        probe.abandon();
        assertTrue(probe.isOver());
        assertTrue(probe.poll(START + 5_000 * MILLI).isEmpty());
    }

    private boolean receive(Object message, InetSocketAddress from) {
        byte[] bytes = bytes(message);
        byte[] shifted = new byte[bytes.length + 2];
        System.arraycopy(bytes, 0, shifted, 2, bytes.length);
        return probe.receive(shifted, 2, bytes.length, from);
    }

    private static byte[] bytes(Object message) {
        byte[] buffer = new byte[1024];
        int length =
                switch (message) {
                    case NatPmpMessage one -> NatPmpCodec.encode(one, buffer, 0);
                    case PcpMessage one -> PcpCodec.encode(one, buffer, 0);
                    case SsdpMessage one -> SsdpCodec.encode(one, buffer, 0);
                    default -> throw new AssertionError(message);
                };
        return java.util.Arrays.copyOf(buffer, length);
    }
}
