package dev.warren.loadtest.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.sandbox.Sandbox;
import dev.warren.loadtest.sandbox.Shell;
import dev.warren.platform.linux.NetworkNamespace;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The NAT routers do what the demo says of them, seen from plain sockets on its hosts. */
@Timeout(30)
class InternetTest {
    private static final int SILENCE_MILLIS = 250;

    @TempDir
    private static Path folder;

    private static Sandbox sandbox;
    private static Internet internet;

    @BeforeAll
    static void build() throws IOException {
        Requirements.root();
        sandbox = Sandbox.start("the demo", "./warren demo");
        internet = Internet.build(sandbox, folder);
    }

    @AfterAll
    static void end() {
        if (sandbox != null) {
            sandbox.close();
        }
    }

    @Test
    void shouldKeepOneMappingForAllDestinations() throws IOException {
        try (Endpoint a = open("a", 41_001);
                Endpoint relay = open("relay", 7_001);
                Endpoint stun = open("stun", 7_002)) {
            a.send(Internet.RELAY, 7_001);
            a.send(Internet.STUN, 7_002);

            InetSocketAddress atRelay = relay.receive().orElseThrow();
            assertEquals(new InetSocketAddress(Internet.HOME_OF_A, 41_001), atRelay);
            assertEquals(atRelay, stun.receive().orElseThrow());
        }
    }

    @Test
    void shouldLetInOnlyWhomANodeHasWrittenTo() throws IOException {
        try (Endpoint a = open("a", 41_002);
                Endpoint relay = open("relay", 7_003);
                Endpoint otherPort = open("relay", 7_004);
                Endpoint otherHost = open("stun", 7_003)) {
            a.send(Internet.RELAY, 7_003);
            assertTrue(relay.receive().isPresent());

            otherPort.send(Internet.HOME_OF_A, 41_002);
            otherHost.send(Internet.HOME_OF_A, 41_002);
            assertEquals(Optional.empty(), a.receive(), "another address or port gets through");

            relay.send(Internet.HOME_OF_A, 41_002);
            assertEquals(Optional.of(new InetSocketAddress(Internet.RELAY, 7_003)), a.receive());
        }
    }

    @Test
    void shouldOpenAHoleWhenBothSidesWrite() throws IOException {
        try (Endpoint a = open("a", 41_003);
                Endpoint b = open("b", 41_004)) {
            // a's first packet comes before b has opened its side: it is dropped, and must not move b's mapping.
            a.send(Internet.HOME_OF_B, 41_004);
            assertEquals(Optional.empty(), b.receive());

            b.send(Internet.HOME_OF_A, 41_003);
            assertEquals(Optional.of(new InetSocketAddress(Internet.HOME_OF_B, 41_004)), a.receive());
            a.send(Internet.HOME_OF_B, 41_004);
            assertEquals(Optional.of(new InetSocketAddress(Internet.HOME_OF_A, 41_003)), b.receive());
        }
    }

    @Test
    void shouldCutAndHealTheWayBetweenTheHomesOfAAndB() throws IOException {
        try (Endpoint a = open("a", 41_005);
                Endpoint b = open("b", 41_006);
                Endpoint relay = open("relay", 7_005)) {
            internet.cut();
            a.send(Internet.HOME_OF_B, 41_006);
            b.send(Internet.HOME_OF_A, 41_005);
            assertEquals(Optional.empty(), a.receive());
            a.send(Internet.RELAY, 7_005);
            assertTrue(relay.receive().isPresent(), "the cut is only between the two homes");

            internet.heal();
            a.send(Internet.HOME_OF_B, 41_006);
            b.send(Internet.HOME_OF_A, 41_005);
            assertTrue(a.receive().isPresent());
        }
    }

    @Test
    void shouldLetNoUdpOutOfTheOfficeOfCButTcp() throws IOException {
        try (Endpoint c = open("c", 41_007);
                Endpoint relay = open("relay", 7_006)) {
            c.send(Internet.RELAY, 7_006);
            assertEquals(Optional.empty(), relay.receive());
        }
        Shell.run(internet.on("c", List.of("ping", "-c", "1", "-W", "2", Internet.RELAY)));
    }

    @Test
    void shouldJoinAAndDOnOneLan() throws IOException {
        try (Endpoint a = open("a", 41_008);
                Endpoint d = open("d", 41_009)) {
            d.send("192.168.1.10", 41_008);
            assertEquals(Optional.of(new InetSocketAddress(Internet.D_ON_THE_LAN, 41_009)), a.receive());
        }
    }

    @Test
    void shouldGiveEachMachineItsOwnHostsFileAndRun() throws IOException {
        Machine b = Machine.start("b", internet, folder);
        try (b) {
            assertTrue(Shell.run(b.on(List.of("cat", "/etc/hosts"))).contains("localhost b"));
            assertFalse(Shell.run(b.on(List.of("ls", "/run"))).contains("netns"));
            String addresses = Shell.run(b.on(List.of("ip", "-br", "address")));
            assertTrue(addresses.contains("192.168.2.10/24"), addresses);
        }
    }

    @Test
    void shouldSayWhatACommandPrintedThatFailed() {
        IOException failed =
                assertThrows(IOException.class, () -> Shell.run(internet.on("a", List.of("ls", "/no-such-folder"))));
        assertTrue(String.valueOf(failed.getMessage()).contains("No such file"), failed.getMessage());
        assertFalse(String.valueOf(failed.getMessage()).contains("\n"));
    }

    private static Endpoint open(String host, int port) throws IOException {
        try (NetworkNamespace network = NetworkNamespace.enter(internet.networkOf(host))) {
            return new Endpoint(network.call(() -> new DatagramSocket(port)));
        }
    }

    /** A UDP socket on a host of the internet. */
    private record Endpoint(DatagramSocket socket) implements AutoCloseable {
        void send(String host, int port) throws IOException {
            socket.send(new DatagramPacket(new byte[] {1, 2, 3}, 3, InetAddress.ofLiteral(host), port));
        }

        /** Where the next packet came from; empty when none comes. */
        Optional<InetSocketAddress> receive() throws IOException {
            socket.setSoTimeout(SILENCE_MILLIS);
            DatagramPacket packet = new DatagramPacket(new byte[16], 16);
            try {
                socket.receive(packet);
                return Optional.of((InetSocketAddress) packet.getSocketAddress());
            } catch (SocketTimeoutException silence) {
                return Optional.empty();
            }
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
