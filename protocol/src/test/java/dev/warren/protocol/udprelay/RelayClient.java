package dev.warren.protocol.udprelay;

import dev.warren.protocol.crypto.NaclBox;
import dev.warren.protocol.disco.Challenge;
import dev.warren.protocol.disco.DiscoEnvelope;
import dev.warren.protocol.disco.DiscoMessage;
import dev.warren.protocol.disco.DiscoMessage.AllocateRequest;
import dev.warren.protocol.disco.DiscoMessage.AllocateResponse;
import dev.warren.protocol.disco.DiscoMessage.BindAnswer;
import dev.warren.protocol.disco.DiscoMessage.BindChallenge;
import dev.warren.protocol.disco.DiscoMessage.BindRequest;
import dev.warren.protocol.disco.DiscoMessage.Binding;
import dev.warren.protocol.disco.DiscoPair;
import dev.warren.protocol.disco.RelaySession;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.util.Arrays;
import java.util.Objects;
import java.util.random.RandomGenerator;

/** A client of a UDP relay that says what it is told to; for tests of any module. */
public final class RelayClient {
    /** Its disco key. */
    public final DiscoPrivateKey disco;
    /** Its key on DERP. */
    public final NodePublicKey node;

    private final DiscoPublicKey server;
    private final NaclBox box;
    private final RandomGenerator random;

    /** A client of the relay with this disco key. */
    public RelayClient(DiscoPublicKey server, RandomGenerator random) {
        this(DiscoPrivateKey.generate(random), server, random);
    }

    /** The client with this disco key. */
    public RelayClient(DiscoPrivateKey disco, DiscoPublicKey server, RandomGenerator random) {
        this.disco = disco;
        this.node = NodePrivateKey.generate(random).publicKey();
        this.server = server;
        this.box = NaclBox.between(disco, server);
        this.random = random;
    }

    /** Its disco key. */
    public DiscoPublicKey key() {
        return disco.publicKey();
    }

    /** The pair of the two. */
    public DiscoPair with(RelayClient other) {
        return new DiscoPair(key(), other.key());
    }

    /** A message for the relay. */
    public byte[] sealed(DiscoMessage message) {
        return DiscoEnvelope.seal(box, key(), message, random);
    }

    /** A request for a session. */
    public byte[] request(DiscoPair clients, int generation) {
        return sealed(new AllocateRequest(clients, generation));
    }

    /** What the relay said in a packet. */
    public DiscoMessage open(byte[] packet, int offset) {
        if (!DiscoEnvelope.sender(packet, offset).equals(server)) {
            throw new AssertionError("not from the relay");
        }
        return Objects.requireNonNull(DiscoEnvelope.open(box, packet, offset, packet.length - offset));
    }

    /** The session in the relay's response. */
    public RelaySession session(byte[] response) {
        return ((AllocateResponse) open(response, 0)).session();
    }

    /** A datagram of control, with this VNI in its header. */
    public byte[] control(int vni, DiscoMessage message) {
        return datagram(new GeneveHeader(true, GeneveHeader.DISCO, vni), sealed(message));
    }

    /** The datagram that asks for a challenge. */
    public byte[] bindRequest(RelaySession session, int generation) {
        return control(session.vni(), new BindRequest(binding(session, generation)));
    }

    /** The datagram that answers it. */
    public byte[] bindAnswer(RelaySession session, int generation, Challenge challenge) {
        return control(session.vni(), new BindAnswer(binding(session, generation), challenge));
    }

    /** The challenge in the relay's datagram. */
    public Challenge challenge(byte[] answer) {
        return ((BindChallenge) open(answer, GeneveHeader.LENGTH)).challenge();
    }

    /** What this client binds. */
    public Binding binding(RelaySession session, int generation) {
        return new Binding(session.vni(), generation, session.clients().other(key()));
    }

    /** A datagram for the other client, with {@code length} bytes of something. */
    public static byte[] data(int vni, int length) {
        byte[] payload = new byte[length];
        Arrays.fill(payload, (byte) 4);
        return datagram(new GeneveHeader(false, GeneveHeader.WIREGUARD, vni), payload);
    }

    /** A header and what is behind it. */
    public static byte[] datagram(GeneveHeader header, byte[] payload) {
        byte[] datagram = new byte[GeneveHeader.LENGTH + payload.length];
        GeneveHeader.encode(header, datagram, 0);
        System.arraycopy(payload, 0, datagram, GeneveHeader.LENGTH, payload.length);
        return datagram;
    }
}
