package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.warren.platform.linux.PayloadFilter.Word;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(20)
class DivertedSocketTest {
    /** What begins with 01 or 02, or with aa and has 03 at offset 8. */
    private static final PayloadFilter FILTER = new PayloadFilter(List.of(
            List.of(new Word(0, 0xff00_0000, 0x0100_0000)),
            List.of(new Word(0, 0xffff_ffff, 0x0200_0000)),
            List.of(new Word(0, 0xff00_0000, 0xaa00_0000), new Word(8, 0xff00_0000, 0x0300_0000))));

    private static final List<String> CHOSEN =
            List.of("01ffffff", "01000000ff", "02000000", "aa123456123456780300000000");
    private static final List<String> LEFT =
            List.of("", "01", "0100ff", "02000001", "04000000", "aa12345612345678", "aa123456123456780400000000");

    @ParameterizedTest
    @CsvSource({"127.0.0.1,0.0.0.0", "::1,::"})
    void shouldGetWhatTheFilterChoosesAndNothingElse(String ip, String any) throws LinuxException {
        try (UdpSocket first = UdpSocket.bind(at(any, 0), UdpOptions.DEFAULT);
                UdpSocket second = first.divert(FILTER, UdpOptions.DEFAULT);
                UdpSocket sender = UdpSocket.bind(at(ip, 0), UdpOptions.DEFAULT)) {
            assertEquals(first.port(), second.port());
            UdpFeatures _ = first.enable(UdpFeatures.ALL);
            for (int i = 0; i < 20; i++) {
                // Other senders, whom the kernel would spread over both.
                try (UdpSocket other = UdpSocket.bind(at(ip, 0), UdpOptions.DEFAULT)) {
                    CHOSEN.forEach(text -> send(other, at(ip, first.port()), text));
                    LEFT.forEach(text -> send(sender, at(ip, first.port()), text));
                }
                assertEquals(CHOSEN, receive(second));
                assertEquals(LEFT, receive(first));
            }
        }
    }

    @Test
    void shouldLeaveAllToTheFirstWhenTheSecondIsClosed() throws LinuxException {
        try (UdpSocket first = UdpSocket.bind(at("127.0.0.1", 0), UdpOptions.DEFAULT);
                UdpSocket sender = UdpSocket.bind(at("127.0.0.1", 0), UdpOptions.DEFAULT)) {
            first.divert(FILTER, UdpOptions.DEFAULT).close();
            CHOSEN.forEach(text -> send(sender, at("127.0.0.1", first.port()), text));
            assertEquals(CHOSEN, receive(first));
        }
    }

    @Test
    void shouldStillKeepOthersOffThePort() throws LinuxException {
        try (UdpSocket first = UdpSocket.bind(at("127.0.0.1", 0), UdpOptions.DEFAULT);
                UdpSocket _ = first.divert(FILTER, UdpOptions.DEFAULT)) {
            LinuxException refused = assertThrows(
                    LinuxException.class, () -> UdpSocket.bind(at("127.0.0.1", first.port()), UdpOptions.DEFAULT));
            assertTrue(refused.is(Errno.EADDRINUSE), refused.getMessage());
        }
    }

    @Test
    void shouldRefuseMoreWordsThanAJumpReaches() {
        List<Word> many = new ArrayList<>();
        for (int i = 0; i < 86; i++) {
            many.add(new Word(i, -1, i));
        }
        assertThrows(IllegalArgumentException.class, () -> new PayloadFilter(List.of(many)));
        new PayloadFilter(List.of(many.subList(0, 85)));
    }

    private static void send(UdpSocket from, InetSocketAddress to, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        SendBatch batch = new SendBatch(1, 100);
        batch.add(to, bytes, 0, bytes.length);
        try {
            from.send(batch, (_, errno) -> fail(Errno.describe(errno)));
        } catch (LinuxException broken) {
            throw new AssertionError(broken);
        }
    }

    private static List<String> receive(UdpSocket socket) throws LinuxException {
        GroBatch batch = new GroBatch(64, 256);
        List<String> all = new ArrayList<>();
        int count = socket.receive(batch);
        for (int i = 0; i < count; i++) {
            int segment = Math.max(1, batch.segmentBytes(i));
            for (int at = 0; at == 0 || at < batch.length(i); at += segment) {
                all.add(HexFormat.of()
                        .formatHex(batch.memory()
                                .asSlice(batch.offset(i) + at, Math.min(segment, batch.length(i) - at))
                                .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)));
            }
        }
        return all;
    }

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }
}
