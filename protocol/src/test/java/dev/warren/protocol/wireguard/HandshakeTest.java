package dev.warren.protocol.wireguard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.crypto.JdkPacketCipher;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.testing.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The handshake step by step: after each message both sides must hold the same secrets. */
@Timeout(30)
class HandshakeTest {
    private static final long UNIX_NANOS = 1_795_305_600_123_456_789L;

    private final RandomGenerator random = Seeds.random(42);
    private final LocalIdentity initiator = LocalIdentity.copyOf(NodePrivateKey.generate(random));
    private final LocalIdentity responder = LocalIdentity.copyOf(NodePrivateKey.generate(random));
    private final StaticPeer responderAtInitiator = new StaticPeer(initiator, responder.publicKey());
    private final StaticPeer initiatorAtResponder = new StaticPeer(responder, initiator.publicKey());

    @Test
    void shouldHoldTheSameChainKeyAndHashAfterEachMessage() {
        PresharedKey preshared = PresharedKey.generate(random);
        InitiatorHandshake.Started started = start();
        ResponderHandshake opened = open(started.message());
        assertEquals(initiator.publicKey(), opened.initiator());
        assertArrayEquals(Tai64n.encode(UNIX_NANOS), opened.timestamp(initiatorAtResponder));
        assertArrayEquals(started.handshake().state().hash(), opened.state().hash());
        assertArrayEquals(
                started.handshake().state().chainingKey(), opened.state().chainingKey());

        ResponderHandshake.Finished finished = opened.respond(JdkPacketCipher.FACTORY, preshared, 22, random);
        assertNotNull(finished);
        assertEquals(22, finished.message().sender());
        assertEquals(11, finished.message().receiver());
        SessionKeys keys = started.handshake().finish(JdkPacketCipher.FACTORY, keys(preshared), finished.message());
        assertNotNull(keys);
        assertMatch(keys, finished.keys());
        assertTrue(keys.initiator());
        assertEquals(22, keys.remoteIndex());
        assertEquals(11, keys.localIndex());
    }

    @Test
    void shouldWipeItsSecretsWhenItIsDone() {
        InitiatorHandshake.Started started = start();
        ResponderHandshake opened = open(started.message());
        opened.timestamp(initiatorAtResponder);
        ResponderHandshake.Finished finished = opened.respond(JdkPacketCipher.FACTORY, PresharedKey.none(), 22, random);
        assertNotNull(finished);
        assertNotNull(
                started.handshake().finish(JdkPacketCipher.FACTORY, keys(PresharedKey.none()), finished.message()));

        assertTrue(started.handshake().isWiped());
        assertTrue(opened.state().isWiped());
        assertNull(
                started.handshake().finish(JdkPacketCipher.FACTORY, keys(PresharedKey.none()), finished.message()),
                "a handshake ends once");
    }

    @Test
    void shouldNotOpenAnInitiationForSomebodyElse() {
        LocalIdentity other = LocalIdentity.copyOf(NodePrivateKey.generate(random));
        assertNull(ResponderHandshake.open(other, start().message()));
    }

    @Test
    void shouldNotTakeATimestampFromWhoOnlyClaimsTheKey() {
        // The static key is readable for whoever knows the responder's public key; only the timestamp proves it.
        LocalIdentity thief = LocalIdentity.copyOf(NodePrivateKey.generate(random));
        StaticPeer responderAtThief = new StaticPeer(thief, responder.publicKey());
        LocalIdentity claims = new LocalIdentity(thief.privateKey(), initiator.publicKey());
        InitiatorHandshake.Started started =
                InitiatorHandshake.start(claims, responderAtThief, 11, 0, UNIX_NANOS, random);
        assertNotNull(started);
        ResponderHandshake opened = open(started.message());

        assertEquals(initiator.publicKey(), opened.initiator());
        assertNull(opened.timestamp(initiatorAtResponder));
    }

    @Test
    void shouldFailWhenAnyBitOfAMessageIsFlipped() {
        Seeds.forEach(60, bits -> {
            InitiatorHandshake.Started started = start();
            byte[] sent = new byte[InitiationMessage.LENGTH];
            started.message().encode(sent, 0);
            // Bit 255 of an X25519 key is masked (RFC 7748 section 5), but the hash covers it.
            sent[8 + bits.nextInt(108)] ^= (byte) (1 << bits.nextInt(8));
            InitiationMessage flipped = InitiationMessage.decode(sent, 0, sent.length);
            assertNotNull(flipped);
            ResponderHandshake opened = ResponderHandshake.open(responder, flipped);
            assertTrue(opened == null || opened.timestamp(initiatorAtResponder) == null);
        });
    }

    @Test
    void shouldRefuseLowOrderKeysOnEitherSide() {
        for (String hex : LowOrder.KEYS) {
            NodePublicKey weak = NodePublicKey.parseHex(hex);
            StaticPeer peer = new StaticPeer(initiator, weak);
            assertFalse(peer.isUsable());
            assertNull(InitiatorHandshake.start(initiator, peer, 1, 0, UNIX_NANOS, random));
            assertNull(ResponderHandshake.open(
                    responder,
                    new InitiationMessage(1, weak, Ciphertext.of(new byte[48]), Ciphertext.of(new byte[28]))));
            InitiatorHandshake.Started started = start();
            assertNull(started.handshake()
                    .finish(
                            JdkPacketCipher.FACTORY,
                            keys(PresharedKey.none()),
                            new ResponseMessage(2, 11, weak, Ciphertext.of(new byte[16]))));
        }
    }

    @Test
    void shouldGiveOtherKeysUnderAnotherPresharedKey() {
        InitiatorHandshake.Started started = start();
        ResponderHandshake opened = open(started.message());
        opened.timestamp(initiatorAtResponder);
        ResponderHandshake.Finished finished =
                opened.respond(JdkPacketCipher.FACTORY, PresharedKey.generate(random), 22, random);
        assertNotNull(finished);
        assertNull(started.handshake().finish(JdkPacketCipher.FACTORY, keys(PresharedKey.none()), finished.message()));
    }

    private static PresharedKeys keys(PresharedKey key) {
        PresharedKeys keys = new PresharedKeys();
        keys.setConfigured(key);
        return keys;
    }

    private InitiatorHandshake.Started start() {
        InitiatorHandshake.Started started =
                InitiatorHandshake.start(initiator, responderAtInitiator, 11, 0, UNIX_NANOS, random);
        assertNotNull(started);
        return started;
    }

    private ResponderHandshake open(InitiationMessage message) {
        ResponderHandshake opened = ResponderHandshake.open(responder, message);
        assertNotNull(opened);
        return opened;
    }

    private static void assertMatch(SessionKeys one, SessionKeys other) {
        byte[] there = new byte[40];
        byte[] back = new byte[40];
        one.sealing().seal(7, MemorySegment.ofArray(there), 0, 24);
        other.sealing().seal(7, MemorySegment.ofArray(back), 0, 24);
        assertTrue(other.opening().open(7, MemorySegment.ofArray(there), 0, 40));
        assertTrue(one.opening().open(7, MemorySegment.ofArray(back), 0, 40));
    }
}
