package dev.warren.node.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.coordination.AddressText;
import dev.warren.protocol.coordination.MeshId;
import dev.warren.protocol.coordination.NodeStatement;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.testing.Seeds;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class OwnRecordTest {
    private static final List<InetSocketAddress> SOMEWHERE = List.of(AddressText.parseEndpoint("192.0.2.1:5"));

    private final RandomGenerator random = Seeds.random(1);
    private final MeshId mesh = MeshId.generate(random);
    private final DiscoPublicKey disco = DiscoPrivateKey.generate(random).publicKey();

    @TempDir
    Path folder;

    private NodeState state;
    private OwnRecord own;

    @BeforeEach
    void open() throws IOException {
        state = NodeState.open(folder, random);
        own = new OwnRecord(state, mesh, disco);
    }

    @Test
    void theStatementSaysWhatHolds() {
        own.change(SOMEWHERE, 900);
        NodeStatement statement = own.signed().verify();
        assertEquals(mesh, statement.mesh());
        assertEquals(state.identity().publicKey(), statement.identity());
        assertEquals(state.nodeKey().publicKey(), statement.nodeKey());
        assertEquals(disco, statement.discoKey());
        assertEquals(SOMEWHERE, statement.endpoints());
        assertEquals(900, statement.homeRegion());
    }

    @Test
    void itIsSignedAnewOnlyWhenSomethingChanged() {
        assertTrue(own.change(SOMEWHERE, 900));
        var first = own.signed();
        assertFalse(own.change(SOMEWHERE, 900));
        assertSame(first, own.signed());
        assertTrue(own.change(SOMEWHERE, 901));
        assertTrue(own.signed().verify().sequence() > first.verify().sequence());
    }

    @Test
    void theSequenceGoesPastWhatTheCoordinatorHolds() {
        own.skipTo(Long.MAX_VALUE / 2);
        assertEquals(Long.MAX_VALUE / 2 + 1, own.signed().verify().sequence());
        own.change(SOMEWHERE, 1);
        assertEquals(Long.MAX_VALUE / 2 + 2, own.signed().verify().sequence());
    }

    @Test
    void whatTheCoordinatorHoldsIsCompared() {
        own.change(SOMEWHERE, 900);
        NodeStatement held = own.signed().verify();
        assertFalse(own.isNewerThan(held));
        own.change(List.of(), 900);
        assertTrue(own.isNewerThan(held));
        own.change(SOMEWHERE, 901);
        assertTrue(own.isNewerThan(held));
        OwnRecord restarted =
                new OwnRecord(state, mesh, DiscoPrivateKey.generate(random).publicKey());
        restarted.change(SOMEWHERE, 900);
        assertTrue(restarted.isNewerThan(held));
    }

    @Test
    void tooManyEndpointsAreCutNotRefused() {
        own.change(Collections.nCopies(100, SOMEWHERE.getFirst()), 0);
        assertEquals(
                NodeStatement.MAX_ENDPOINTS, own.signed().verify().endpoints().size());
    }
}
