package dev.warren.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.node.netcheck.NetcheckReport;
import dev.warren.node.netcheck.NetcheckReport.Family;
import dev.warren.node.netcheck.NetcheckReport.Nat;
import dev.warren.node.netcheck.NetcheckReport.Portal;
import dev.warren.node.netcheck.NetcheckReport.Reach;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class NetcheckTextTest {
    private static final Family NOT_ASKED = new Family(Reach.NOT_ASKED, List.of());
    private static final NetcheckReport.Service OFFERED = new NetcheckReport.Service("offered", null);

    @Test
    void shouldShowEverythingThatWasFound() {
        NetcheckReport report = new NetcheckReport(
                true,
                new Family(Reach.YES, List.of("198.51.100.7:1", "198.51.100.7:2", "198.51.100.7:3", "198.51.100.7:4")),
                new Family(Reach.CANNOT_SEND, List.of()),
                new Nat(true, true, "address-dependent", "endpoint-independent", true),
                List.of(
                        new NetcheckReport.PortMapping(
                                "192.168.1.1",
                                new NetcheckReport.Service("refused", "not authorized"),
                                OFFERED,
                                new NetcheckReport.Service("silent", null),
                                "198.51.100.7",
                                null),
                        new NetcheckReport.PortMapping(
                                "fe80:0:0:0:0:0:0:1",
                                new NetcheckReport.Service("silent", null),
                                new NetcheckReport.Service("silent", null),
                                new NetcheckReport.Service("silent", null),
                                null,
                                null)),
                new Portal(true, "something answers in a relay's place (HTTP status 302)"),
                900,
                List.of(
                        new NetcheckReport.Region(900, "fra", 11.24, "stun", 11.24, 12.0, null),
                        new NetcheckReport.Region(901, "nyc", null, null, null, null, "Connection refused"),
                        new NetcheckReport.Region(902, "tyo", 240.0, "https", null, null, null)),
                List.of(
                        new NetcheckReport.Server("stun.example:3478", "203.0.113.9:3478", 5.126, "198.51.100.7:4"),
                        new NetcheckReport.Server("dead.example:1", "203.0.113.10:1", null, null)),
                List.of("the host \"x\" is unknown: check its spelling and this machine's DNS"),
                1.5);
        assertEquals(
                """
                UDP             works
                IPv4            works, seen as 198.51.100.7:1 and 198.51.100.7:2 and 198.51.100.7:3 and 1 more
                IPv6            none: this machine has no route for IPv6, or its own firewall forbids it
                NAT             yes
                  mapping       address-dependent: each destination address sees another address
                  filtering     endpoint-independent: anybody may send to an open port
                  hairpinning   yes
                port mapping    NAT-PMP (refuses: not authorized), PCP at 192.168.1.1, external address 198.51.100.7
                port mapping    none at fe80:0:0:0:0:0:0:1
                captive portal  yes: something answers in a relay's place (HTTP status 302)
                home relay      region 900 (fra)
                problem         the host "x" is unknown: check its spelling and this machine's DNS

                REGION  CODE  LATENCY   IPV4     IPV6     BY
                900     fra   11.2 ms   11.2 ms  12.0 ms  STUN
                901     nyc   -         -        -        no answer: Connection refused
                902     tyo   240.0 ms  -        -        HTTPS

                STUN SERVER        ADDRESS           LATENCY  SEEN AS
                stun.example:3478  203.0.113.9:3478  5.13 ms  198.51.100.7:4
                dead.example:1     203.0.113.10:1    -        no answer
                """,
                NetcheckText.render(report));
    }

    @Test
    void shouldSayWhatIsNotKnown() {
        assertEquals(
                """
                UDP             unknown: no STUN server to ask
                IPv4            unknown: no STUN server has an address of IPv4
                IPv6            unknown: no STUN server has an address of IPv6
                NAT             unknown: no STUN server answered
                port mapping    unknown: no default router on the way to these servers
                captive portal  unknown: no relay speaks plain HTTP
                home relay      unknown: no relay was named
                """,
                NetcheckText.render(nothing(NOT_ASKED)));
        assertTrue(NetcheckText.render(nothing(new Family(Reach.SILENT, List.of())))
                .contains("UDP             blocked: no STUN server answered\n"));
        assertTrue(NetcheckText.render(nothing(new Family(Reach.CANNOT_SEND, List.of())))
                .contains("UDP             none: this machine has no way to a STUN server\n"));
    }

    @Test
    void shouldPrintTheSameAsJson() {
        String json = NetcheckText.json(nothing(new Family(Reach.CANNOT_SEND, List.of())));
        assertTrue(json.contains("\"reach\" : \"cannot send\""), json);
        assertTrue(json.contains("\"mappingVaries\" : null"), json);
        assertTrue(json.contains("\"preferredRegion\" : 0"), json);
        assertTrue(json.endsWith("}\n"), json);
    }

    private static NetcheckReport nothing(Family ipv4) {
        return new NetcheckReport(
                false,
                ipv4,
                NOT_ASKED,
                new Nat(null, null, null, null, null),
                List.of(),
                new Portal(null, "no relay speaks plain HTTP"),
                0,
                List.of(),
                List.of(),
                List.of(),
                0.1);
    }
}
