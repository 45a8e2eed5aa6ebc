package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On a cable whose two ends are in one namespace. */
@Timeout(20)
class FrameSocketTest {
    /** To all; 192.0.2.9 to 192.0.2.1, UDP from port 0x1234, without a checksum, six bytes: numbered by the last. */
    private static byte[] frame(int port, int number) {
        HexFormat hex = HexFormat.of();
        return hex.parseHex("ffffffffffff" + "020000000001" + "0800"
                + "45000022000000004011f6c0c0000209c0000201"
                + "1234" + hex.toHexDigits((short) port) + "000e" + "0000"
                + "0102030405" + hex.toHexDigits((byte) number));
    }

    @Test
    void shouldSendFramesThatLieOneBehindTheOther() throws IOException {
        Requirements.root();
        Requirements.program("ip");
        try (NetworkNamespace namespace = NetworkNamespace.create();
                Netlink netlink = namespace.call(Netlink::open);
                Arena arena = Arena.ofConfined()) {
            namespace.call(() -> new ProcessBuilder("ip", "link", "add", "near", "type", "veth", "peer", "name", "far")
                    .start()
                    .waitFor());
            netlink.bringUp("near", 1500);
            netlink.bringUp("far", 1500);
            InetAddress own = InetAddress.ofLiteral("192.0.2.1");
            netlink.addAddress("far", own, 24);
            try (DatagramSocket reader = namespace.call(() -> new DatagramSocket(0, own));
                    FrameSocket socket =
                            namespace.call(() -> FrameSocket.open(Objects.requireNonNull(netlink.link("near"))))) {
                reader.setSoTimeout(5000);
                int bytes = frame(0, 0).length;
                MemorySegment frames = arena.allocate(4L * bytes);
                for (int i = 0; i < 4; i++) {
                    MemorySegment.copy(
                            MemorySegment.ofArray(frame(reader.getLocalPort(), i)), 0, frames, (long) i * bytes, bytes);
                }
                assertEquals(3, socket.send(frames, bytes, bytes, 3));
                for (int i = 1; i < 4; i++) {
                    DatagramPacket packet = new DatagramPacket(new byte[100], 100);
                    reader.receive(packet);
                    byte[] expected = {1, 2, 3, 4, 5, (byte) i};
                    assertArrayEquals(expected, Arrays.copyOf(packet.getData(), packet.getLength()));
                    assertEquals(0x1234, packet.getPort());
                }

                netlink.takeDown("near");
                LinuxException failed = assertThrows(LinuxException.class, () -> socket.send(frames, 0, bytes, 1));
                assertEquals("Cannot send frames out of near: ENETDOWN, network is down.", failed.getMessage());
            }
        }
    }

    @Test
    void shouldSayWhichInterfaceIsNone() throws IOException {
        Requirements.root();
        Link gone = new Link("gone0", 987_654, 0, 1500, List.of());
        LinuxException failed = assertThrows(LinuxException.class, () -> FrameSocket.open(gone));
        assertTrue(failed.getMessage().startsWith("Cannot send frames out of gone0: "), failed.getMessage());
    }
}
