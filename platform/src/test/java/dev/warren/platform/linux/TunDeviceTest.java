package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TunDeviceTest {
    private static final int IPV4_HEADER_BYTES = 20;
    private static final int UDP_HEADER_BYTES = 8;

    private final NetworkNamespace namespace;

    TunDeviceTest() throws IOException {
        Requirements.tun();
        namespace = NetworkNamespace.create();
    }

    @AfterEach
    void close() {
        namespace.close();
    }

    @Test
    void shouldReadWhatTheMachineSendsAndGiveItAnAnswer() throws IOException {
        try (TunDevice tun = open("wtest0");
                Netlink netlink = namespace.call(Netlink::open);
                UdpSocket socket = namespace.call(() -> UdpSocket.bind(address("0.0.0.0", 0), UdpOptions.DEFAULT));
                Poller poller = Poller.open()) {
            netlink.bringUp("wtest0", 1280);
            netlink.addAddress("wtest0", InetAddress.ofLiteral("100.64.0.1"), 24);
            SendBatch batch = new SendBatch(1, 100);
            batch.add(address("100.64.0.2", 7), new byte[] {1, 2, 3}, 0, 3);
            socket.send(batch, (to, errno) -> fail(Errno.describe(errno)));

            byte[] packet = new byte[100];
            int length = readIpv4(tun, poller, packet, 10);
            assertEquals(IPV4_HEADER_BYTES + UDP_HEADER_BYTES + 3, length);
            assertEquals(100, packet[10 + 16]); // destination
            assertEquals(2, packet[10 + 19]);
            assertEquals(3, packet[10 + length - 1]);

            // Swapping the two ends leaves both checksums right.
            swap(packet, 10 + 12, 10 + 16, 4);
            swap(packet, 10 + IPV4_HEADER_BYTES, 10 + IPV4_HEADER_BYTES + 2, 2);
            assertTrue(tun.write(packet, 10, length));
            poller.add(socket.descriptor(), 1, true, false);
            ReceiveBatch received = new ReceiveBatch(1, 100);
            while (socket.receive(received) == 0) {
                poller.await(Poller.NEVER);
            }
            assertEquals(address("100.64.0.2", 7), received.source(0));
            assertEquals(3, received.length(0));
        }
    }

    @Test
    void shouldFillTheNumberIntoAPattern() throws IOException {
        try (TunDevice first = open("wtest%d");
                TunDevice second = open("wtest%d")) {
            assertEquals("wtest0", first.name());
            assertEquals("wtest1", second.name());
        }
    }

    @Test
    void shouldSayThatTheNameIsInUse() throws IOException {
        try (TunDevice tun = open("wtest0")) {
            LinuxException thrown = assertThrows(LinuxException.class, () -> open(tun.name()));
            assertEquals(
                    "The interface wtest0 is in use by another process: stop that one, or choose another name.",
                    thrown.getMessage());
        }
    }

    @Test
    void shouldSayThatTheNameBelongsToAnotherKindOfInterface() {
        LinuxException thrown = assertThrows(LinuxException.class, () -> open("lo"));
        assertEquals("The interface lo exists and is no TUN interface: choose another name.", thrown.getMessage());
    }

    @Test
    void shouldRefuseNamesThatTheKernelWouldNot() {
        for (String name :
                new String[] {"", ".", "..", "a b", "a/b", "a:b", "sixteen-bytes-xx", "x%d%d", "x%s", "\u00e9".repeat(8)
                }) {
            LinuxException thrown = assertThrows(LinuxException.class, () -> open(name), name);
            assertTrue(thrown.getMessage().contains("interface's name"), thrown.getMessage());
        }
    }

    @Test
    void shouldHaveNothingToReadAtFirstAndRefuseGarbage() throws IOException {
        try (TunDevice tun = open("wtest0");
                Netlink netlink = namespace.call(Netlink::open)) {
            assertEquals(TunDevice.EMPTY, tun.read(new byte[100], 0, 100));
            assertFalse(tun.write(new byte[] {0x45, 0}, 0, 2), "the interface is down");
            netlink.bringUp("wtest0", 1280);
            assertFalse(tun.write(new byte[] {0x15, 0, 0, 0}, 0, 4), "neither IPv4 nor IPv6");
        }
    }

    @Test
    void shouldSayThatTheInterfaceWasDeleted() throws IOException {
        try (TunDevice tun = open("wtest0");
                Netlink netlink = namespace.call(Netlink::open)) {
            netlink.delete("wtest0");
            LinuxException thrown = assertThrows(LinuxException.class, () -> tun.read(new byte[10], 0, 10));
            assertTrue(thrown.getMessage().startsWith("The interface wtest0 is gone"), thrown.getMessage());
            assertThrows(LinuxException.class, () -> tun.write(new byte[] {0x45}, 0, 1));
        }
    }

    @Test
    void shouldTakeTheInterfaceAwayWhenClosed() throws IOException {
        try (Netlink netlink = namespace.call(Netlink::open)) {
            open("wtest0").close();
            assertEquals(1, netlink.links().size());
        }
    }

    @Test
    void shouldNameTheCapabilityThatIsMissing() throws IOException, InterruptedException {
        Requirements.program("setpriv");
        // Root without CAP_NET_ADMIN, in a JVM of its own.
        Process process = namespace.call(() -> new ProcessBuilder(
                        "setpriv",
                        "--bounding-set=-net_admin",
                        "--inh-caps=-net_admin",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Opener.class.getName())
                .redirectErrorStream(true)
                .start());
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertNotEquals(0, process.waitFor(), output);
        assertTrue(
                output.contains("No permission to make the interface wtest9: it needs the capability CAP_NET_ADMIN"),
                output);
    }

    /** What the other JVM runs. */
    static final class Opener {
        private Opener() {}

        public static void main(String[] arguments) {
            try (TunDevice tun = TunDevice.open("wtest9")) {
                System.out.println("opened " + tun.name());
            } catch (LinuxException refused) {
                System.out.println(refused.getMessage());
                System.exit(1);
            }
        }
    }

    private TunDevice open(String name) throws IOException {
        return namespace.call(() -> TunDevice.open(name));
    }

    /** The kernel sends IPv6 router solicitations of its own: those are skipped. */
    private static int readIpv4(TunDevice tun, Poller poller, byte[] packet, int offset) throws IOException {
        poller.add(tun.descriptor(), 0, true, false);
        while (true) {
            int length = tun.read(packet, offset, packet.length - offset);
            if (length == TunDevice.EMPTY) {
                poller.await(Poller.NEVER);
            } else if (packet[offset] >> 4 == 4) {
                return length;
            }
        }
    }

    private static void swap(byte[] bytes, int one, int other, int length) {
        for (int i = 0; i < length; i++) {
            byte saved = bytes[one + i];
            bytes[one + i] = bytes[other + i];
            bytes[other + i] = saved;
        }
    }

    private static InetSocketAddress address(String ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    }
}
