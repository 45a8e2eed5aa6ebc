package dev.warren.protocol.derp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.DiscoPublicKey;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class DerpMapTest {
    private static final String PIN = "sha256-raw:" + "0123456789abcdef".repeat(4);

    /** A region as Tailscale's control server writes it, with fields that Warren has no use for. */
    private static final String TAILSCALE =
            """
            {"omitDefaultRegions":true,"HomeParams":{"RegionScore":{"900":1}},
             "Regions":{"900":{"RegionID":900,"RegionCode":"lo","RegionName":"loopback","Latitude":1.5,"Avoid":true,
              "Nodes":[{"Name":"900a","RegionID":900,"HostName":"127.0.0.1","IPv4":"127.0.0.1","DERPPort":3443,
                        "STUNPort":3479,"InsecureForTests":true,"CanPort80":true},
                       {"Name":"900b","RegionID":900,"HostName":"stun.example","IPv6":"none","STUNOnly":true}]}}}
            """;

    @Test
    void shouldReadTailscalesJson() {
        DerpRegion region = present(DerpMapCodec.decode(TAILSCALE).region(900));
        assertEquals("lo", region.code());
        assertEquals("loopback", region.name());
        assertTrue(region.avoid());
        assertEquals(2, region.nodes().size());

        DerpNode relay = region.nodes().getFirst();
        assertEquals("900a", relay.name());
        assertEquals(3443, relay.derpPort());
        assertEquals(3479, relay.stunPort());
        assertTrue(relay.ports().plainHttp());
        assertTrue(relay.trust().insecureForTests());
        assertFalse(relay.trust().plaintext());
        assertEquals(List.of("127.0.0.1"), relay.dialHosts());

        DerpNode stun = region.nodes().getLast();
        assertEquals(List.of(relay), region.relays());
        assertEquals(List.of(relay, stun), region.stunServers());
        assertFalse(stun.ports().plainHttp());
        assertEquals(443, stun.derpPort());
        assertEquals(3478, stun.stunPort());
        assertEquals(List.of("stun.example"), stun.dialHosts());
    }

    @Test
    void shouldWriteTailscalesJson() {
        DerpMap map = DerpMap.of(List.of(RelaySpec.parse("900:lo=127.0.0.1:3443,stun=3479,pin=" + PIN)));
        assertEquals(
                "{\"Regions\":{\"900\":{\"RegionID\":900,\"RegionCode\":\"lo\",\"RegionName\":\"lo\",\"Nodes\":["
                        + "{\"Name\":\"900a\",\"RegionID\":900,\"HostName\":\"127.0.0.1\",\"CertName\":\"" + PIN
                        + "\",\"IPv4\":\"127.0.0.1\",\"STUNPort\":3479,\"DERPPort\":3443}]}}}",
                DerpMapCodec.encode(map));
    }

    @Test
    void shouldReadBackWhatItWrites() {
        DerpMap map = DerpMap.of(List.of(
                RelaySpec.parse("900:lo=127.0.0.1:3443,stun=3479,pin=" + PIN),
                RelaySpec.parse("900:lo=[2001:db8::1]:443,plaintext"),
                RelaySpec.parse("901=relay.example:8443,stun=stun.example:3478")));
        assertEquals(map, DerpMapCodec.decode(DerpMapCodec.encode(map)));
        assertEquals(map, DerpMapCodec.ofTree(DerpMapCodec.toTree(map)));
        assertEquals(
                DerpMapCodec.decode(TAILSCALE),
                DerpMapCodec.decode(DerpMapCodec.encode(DerpMapCodec.decode(TAILSCALE))));
    }

    @Test
    void shouldTakeAMapWithoutRegions() {
        assertEquals(DerpMap.EMPTY, DerpMapCodec.decode("{}"));
        assertEquals(DerpMap.EMPTY, DerpMapCodec.decode("{\"Regions\":null}"));
        assertNull(DerpMap.EMPTY.region(1));
    }

    @Test
    void shouldJoinTheRelaysOfOneRegion() {
        DerpMap map = DerpMap.of(List.of(
                RelaySpec.parse("900=a.example:443,stun=3478"),
                RelaySpec.parse("901=c.example:443"),
                RelaySpec.parse("900=b.example:443,stun=s.example:1")));
        DerpRegion joined = present(map.region(900));
        assertEquals(
                List.of("900a", "900b", "900c"),
                joined.nodes().stream().map(DerpNode::name).toList());
        assertEquals(
                List.of("a.example", "b.example"),
                joined.relays().stream().map(DerpNode::hostName).toList());
        assertEquals(2, map.regions().size());
        assertEquals("900-26", DerpRegion.nodeName(900, 26));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "not json",
                "[]",
                "{\"Regions\":[]}",
                "{\"Regions\":{\"x\":{\"RegionID\":1}}}",
                "{\"Regions\":{\"1\":7}}",
                "{\"Regions\":{\"1\":{\"RegionID\":2}}}",
                "{\"Regions\":{\"0\":{\"RegionID\":0}}}",
                "{\"Regions\":{\"1\":{\"RegionID\":\"1\"}}}",
                "{\"Regions\":{\"1\":{\"RegionID\":1,\"Nodes\":{}}}}",
                "{\"Regions\":{\"1\":{\"RegionID\":1,\"Nodes\":[{\"RegionID\":1,\"HostName\":\"h\"}]}}}",
                "{\"Regions\":{\"1\":{\"RegionID\":1,\"Nodes\":[{\"Name\":\"1a\",\"RegionID\":1}]}}}",
                "{\"Regions\":{\"1\":{\"RegionID\":1,\"Nodes\":[{\"Name\":\"1a\",\"RegionID\":9,\"HostName\":\"h\"}]}}}",
                "{\"Regions\":{\"1\":{\"RegionID\":1,\"Nodes\":[{\"Name\":\"1a\",\"RegionID\":1,\"HostName\":\"h\","
                        + "\"DERPPort\":70000}]}}}",
                "{\"Regions\":{\"1\":{\"RegionID\":1,\"Nodes\":[{\"Name\":\"1a\",\"RegionID\":1,\"HostName\":\"h\","
                        + "\"STUNPort\":-2}]}}}",
                "{\"Regions\":{\"1\":{\"RegionID\":1,\"Nodes\":[{\"Name\":\"1a\",\"RegionID\":1,\"HostName\":\"h\","
                        + "\"STUNOnly\":1}]}}}",
                "{\"Regions\":{\"1\":{\"RegionID\":1,\"Nodes\":[{\"Name\":\"1a\",\"RegionID\":1,\"HostName\":\"h\","
                        + "\"CertName\":\"sha256-raw:12\"}]}}}",
                "{\"Regions\":{\"1\":{\"RegionID\":1,\"Nodes\":[{\"Name\":\"1a\",\"RegionID\":1,\"HostName\":\"h\"},"
                        + "{\"Name\":\"1a\",\"RegionID\":1,\"HostName\":\"h\"}]}}}",
            })
    void shouldRefuseWhatIsNoMap(String json) {
        DerpMapFormatException refused = assertThrows(DerpMapFormatException.class, () -> DerpMapCodec.decode(json));
        assertFalse(present(refused.getMessage()).isEmpty());
    }

    @Test
    void shouldReadAFullRelaySpec() {
        DerpRegion region = RelaySpec.parse("900:fra=relay.example:8443,stun=3479,pin=" + PIN);
        assertEquals(900, region.id());
        assertEquals("fra", region.code());
        DerpNode node = region.nodes().getFirst();
        assertEquals("900a", node.name());
        assertEquals("relay.example", node.hostName());
        assertNull(node.ipv4());
        assertEquals(8443, node.derpPort());
        assertEquals(3479, node.stunPort());
        assertEquals(PIN, node.trust().pin());
        assertEquals(1, region.nodes().size());
    }

    @Test
    void shouldReadAPlaintextRelayWithStunElsewhere() {
        DerpRegion region = RelaySpec.parse("7=[2001:db8::1]:80,plaintext,stun=192.0.2.1:3478");
        assertEquals("r7", region.code());
        DerpNode relay = region.relays().getFirst();
        assertEquals("2001:db8::1", relay.ipv6());
        assertNull(relay.ipv4());
        assertTrue(relay.trust().plaintext());
        assertNull(relay.trust().pin());
        assertFalse(relay.hasStun());
        DerpNode stun = region.stunServers().getFirst();
        assertEquals("192.0.2.1", stun.ipv4());
        assertFalse(stun.hasRelay());
        assertEquals(3478, stun.stunPort());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "900=relay.example:443",
                "900:fra=10.0.0.1:3340,plaintext",
                "900:fra=[2001:db8::1]:3340,stun=3478",
            })
    void shouldFormatWhatItReads(String spec) {
        DerpRegion region = RelaySpec.parse(spec);
        assertEquals(spec, RelaySpec.format(region, region.nodes().getFirst()));
    }

    @Test
    void shouldCarryTheKeyOfAUdpRelayWhereTailscaleSeesNothing() {
        String key = "discokey:" + "0f".repeat(32);
        String spec = "900:fra=10.0.0.1:3340,disco=" + key;
        DerpRegion region = RelaySpec.parse(spec);
        DerpNode node = region.nodes().getFirst();
        assertEquals(DiscoPublicKey.parse(key), node.udpRelay());
        assertEquals(spec, RelaySpec.format(region, node));
        assertEquals(
                "{\"Name\":\"900a\",\"RegionID\":900,\"HostName\":\"10.0.0.1\",\"IPv4\":\"10.0.0.1\",\"STUNPort\":-1,"
                        + "\"DERPPort\":3340,\"UDPRelayKey\":\"" + key + "\"}",
                DerpMapCodec.encode(node));
        DerpMap map = DerpMap.of(List.of(region));
        assertEquals(map, DerpMapCodec.decode(DerpMapCodec.encode(map)));
    }

    @Test
    void shouldNameAKeyOfAUdpRelayThatIsNone() {
        String json = "{\"Regions\":{\"900\":{\"RegionID\":900,\"Nodes\":[{\"Name\":\"900a\",\"RegionID\":900,"
                + "\"HostName\":\"h\",\"UDPRelayKey\":\"nodekey:00\"}]}}}";
        DerpMapFormatException refused = assertThrows(DerpMapFormatException.class, () -> DerpMapCodec.decode(json));
        assertTrue(present(refused.getMessage()).contains("UDPRelayKey"));
    }

    @Test
    void shouldFormatThePin() {
        String spec = "900:fra=10.0.0.1:3340,pin=" + PIN;
        DerpRegion region = RelaySpec.parse(spec);
        assertEquals(spec, RelaySpec.format(region, region.nodes().getFirst()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
            relay.example:443                ; no "="
            x=relay.example:443              ; not a number
            0=relay.example:443              ; ids start at 1
            -5=relay.example:443             ; ids start at 1
            1:=relay.example:443             ; nothing behind the ":"
            1=relay.example                  ; no port
            1=:443                           ; no host
            1=relay.example:x                ; not a number
            1=relay.example:0                ; not between 1 and 65535
            1=relay.example:65536            ; not between 1 and 65535
            1=2001:db8::1:443                ; brackets
            1=h:1,stun=                      ; not a number
            1=h:1,stun=:3478                 ; no host
            1=h:1,pin=12                     ; sha256-raw:
            1=h:1,disco=12                   ; disco=12, which is no disco key
            1=h:1,pin=sha256-raw:12          ; 64 hex digits
            1=h:1,tls                        ; unknown part "tls"
            1=h:1,                           ; unknown part ""
            """)
    void shouldSayWhatIsWrongWithASpec(String spec, String reason) {
        DerpMapFormatException refused = assertThrows(DerpMapFormatException.class, () -> RelaySpec.parse(spec));
        String message = present(refused.getMessage());
        assertTrue(message.contains(reason), message);
    }

    @Test
    void shouldRefuseAPinWithoutTls() {
        DerpMapFormatException refused =
                assertThrows(DerpMapFormatException.class, () -> RelaySpec.parse("1=h:1,plaintext,pin=" + PIN));
        assertTrue(present(refused.getMessage()).contains("both pin= and plaintext"));
    }

    private static <T> T present(@org.jspecify.annotations.Nullable T value) {
        assertNotNull(value);
        return value;
    }
}
