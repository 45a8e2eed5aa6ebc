package dev.warren.loadtest.interop;

import dev.warren.platform.net.Gathering;
import dev.warren.platform.net.Transport;
import dev.warren.platform.tls.TlsEngine;
import dev.warren.protocol.testing.FreePort;
import dev.warren.relay.RelayConfig;
import dev.warren.relay.RelayServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A relay on the loopback, in plaintext: ours or a stock derper.
 *
 * @param port its TCP port
 */
record RelayUnderTest(int port, AutoCloseable closing) implements AutoCloseable {
    static RelayUnderTest ours(Path folder) throws IOException {
        RelayConfig config = new RelayConfig(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                folder.resolve("ours.key"),
                null,
                new RelayConfig.Place("127.0.0.1", 900),
                null,
                null,
                new RelayConfig.Tuning(
                        Transport.AUTO,
                        TlsEngine.AUTO,
                        2,
                        Gathering.STANDARD_MICROS,
                        RelayConfig.Tuning.standard().timing()));
        RelayServer relay = RelayServer.start(config);
        return new RelayUnderTest(relay.port(), relay);
    }

    static RelayUnderTest derper(Path folder) throws Exception {
        int port = FreePort.next();
        return new RelayUnderTest(port, Derper.start(folder, port, List.of(), Map.of()));
    }

    @Override
    public void close() throws Exception {
        closing.close();
    }
}
