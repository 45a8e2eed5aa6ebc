package dev.warren.protocol.wireguard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.testing.Hex;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two exchanges with Debian's wireguard-go 0.0.20220316, captured once and replayed since: our side draws from the same
 * seeds, so it must send the very bytes that wireguard-go understood, and understand the bytes that it sent back.
 */
@Timeout(30)
class CapturedExchangeTest {
    private static final long SECOND = 1_000_000_000L;
    private static final String THEIR_ADDRESS = "10.9.0.1/32";

    private final TestNode ours = new TestNode(1);
    private final TestNode theirs = new TestNode(2);

    CapturedExchangeTest() {
        NodePrivateKey theirKey = NodePrivateKey.of(filled(0x53));
        Peer peer = ours.device.addPeer(theirKey.publicKey(), 0);
        peer.setPresharedKey(PresharedKey.of(filled(0xa5)));
        ours.device.allowedIps().insert(IpPrefix.parse(THEIR_ADDRESS), peer);
    }

    @Test
    void shouldStartAHandshakeAsWireguardGoTookIt() {
        ours.send(Hex.bytes("4500001c00000000400166cd0a0900020a090001", "0800f7f700070001"), SECOND);
        assertSent(
                "01000000", // type 1
                "725197e7", // sender
                "731af254afff857c2e7af7f1510a1108d037f694b100fb1f89773982b4988d02", // ephemeral
                "1d7cca48f2f625fc1ff4f8898ddb75c79a96821f3af5129b49146c14db62b3bb", // encrypted static
                "aeaf57b62485252a78edabdd966ab67d", // its tag
                "35b04cbe414ee388b1ebd1f0", // encrypted timestamp
                "b0a75bd3a963d51ddcc5de14ea222f79", // its tag
                "46de5c4dae6a5e498c8ce5eddec762a1", // mac1
                "00000000000000000000000000000000"); // mac2

        receive(
                "02000000", // type 2
                "47d6afd5", // sender
                "725197e7", // receiver
                "e4cb2cd95ef20c6190d2abf3e3e24d2340aa861a5f600b6afeeb0cadee33b250", // ephemeral
                "cc4b173693ab8c3568b172e86e0576a9", // tag over nothing
                "1801d5a915c15b5956de016e8009377b", // mac1
                "00000000000000000000000000000000"); // mac2
        assertSent(
                "04000000", // type 4
                "47d6afd5", // receiver
                "0000000000000000", // counter
                "896306e538b514c6d33115eaa334a23251df1269cea671e8300a465c17658606", // encrypted ping, padded
                "624e023621716c28e84ed8ed957e4533"); // tag

        receive(
                "04000000725197e70000000000000000",
                "88298b79cbe80e168e8c7bba66c8285624ab970f551669eba7dc5a945b875daa",
                "f6752959b194b71adcace4ae37fb29f9");
        assertDelivered("4500001cc65f00004001a06d0a0900010a090002", "0000fff700070001");
    }

    @Test
    void shouldAnswerAHandshakeAsWireguardGoTookIt() {
        receive(
                "01000000", // type 1
                "b999b96b", // sender
                "4383795e59bd5e60a686c846a511348cc3515535dc23e2491724e039385aec2f", // ephemeral
                "ad7a931fcf48348b3c5d62fcfc577e16596891879ae21ff5d45bf123aba529bc", // encrypted static
                "07e8e6d8ccab30622a5f80921eb840d8", // its tag
                "04c2f44572d9da82805471c5", // encrypted timestamp
                "76adbe41c86e598c8fa3344e4d555d06", // its tag
                "cb17879732361d15913baab418f79318", // mac1
                "00000000000000000000000000000000"); // mac2
        assertSent(
                "02000000", // type 2
                "725197e7", // sender
                "b999b96b", // receiver
                "731af254afff857c2e7af7f1510a1108d037f694b100fb1f89773982b4988d02", // ephemeral
                "4d6c81469972fd1dc5374e16e9cc8547", // tag over nothing
                "c9dedefa27849bc52cd8e085ab07ad80", // mac1
                "00000000000000000000000000000000"); // mac2

        receive(
                "04000000725197e70000000000000000",
                "4be61b7d45db0785e4eff43324b12c861f61fc26d05feb96a32eb505999ec1e2",
                "16b9b66a3571dd8b3c51dc5db07ec8fc");
        assertDelivered("4500001ca05240004001867a0a0900010a090002", "0800f7b2004c0001");
        assertEquals(1, ours.established);
    }

    private void receive(String... fields) {
        ours.receive(Hex.bytes(fields), theirs, SECOND);
        assertEquals(List.of(), ours.dropped);
    }

    private void assertSent(String... fields) {
        assertEquals(Hex.text(Hex.bytes(fields)), Hex.text(ours.transmitted.remove()));
    }

    private void assertDelivered(String... fields) {
        assertArrayEquals(Hex.bytes(fields), ours.delivered.removeFirst());
    }

    private static byte[] filled(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
