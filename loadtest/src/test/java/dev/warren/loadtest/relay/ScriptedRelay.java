package dev.warren.loadtest.relay;

import dev.warren.protocol.derp.ClientInfo;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.FrameReader;
import dev.warren.protocol.derp.HttpHead;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.derp.ServerInfo;
import dev.warren.protocol.derp.ServerSession;
import dev.warren.protocol.derp.Upgrade;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A relay that does with packets what a test tells it to. One packet at a time, a thread for each client. */
final class ScriptedRelay implements AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Decides about each packet. */
    interface Script {
        /**
         * The packet with that number, from 0 on, came.
         *
         * @param deliver hands it to its receiver; may be called later, more than once or never
         * @param hangUp ends the sender's connection
         */
        void packet(long number, Runnable deliver, Runnable hangUp) throws InterruptedException;
    }

    private final ServerSocket listener;
    private final Script script;
    private final NodePrivateKey key = NodePrivateKey.generate(RANDOM);
    private final Map<NodePublicKey, Client> clients = new HashMap<>();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private long packets;

    private ScriptedRelay(Script script) throws IOException {
        this.script = script;
        listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    static ScriptedRelay start(Script script) throws IOException {
        return new ScriptedRelay(script);
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    /** Sends every client a frame. */
    synchronized void broadcast(Frame frame) {
        clients.values().forEach(client -> client.transmit(frame));
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                socket.setTcpNoDelay(true);
                sockets.add(socket);
                Thread.ofVirtual().start(() -> new Client(socket).serve());
            } catch (IOException closed) {
                return;
            }
        }
    }

    private synchronized void route(Client from, Frame.SendPacket send) {
        long number = packets++;
        Frame.RecvPacket received = new Frame.RecvPacket(from.publicKey(), send.packet());
        Client to = clients.get(send.destination());
        try {
            script.packet(
                    number,
                    () -> {
                        if (to != null) {
                            to.transmit(received);
                        }
                    },
                    from::hangUp);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Client implements ServerSession.Events {
        private final Socket socket;
        private final ServerSession session = new ServerSession(key, RANDOM, this);
        private @Nullable NodePublicKey publicKey;

        Client(Socket socket) {
            this.socket = socket;
        }

        NodePublicKey publicKey() {
            return java.util.Objects.requireNonNull(publicKey);
        }

        void serve() {
            try (socket) {
                InputStream in = socket.getInputStream();
                readHead(in);
                socket.getOutputStream().write(Upgrade.answer(key.publicKey()));
                session.start();
                FrameReader reader = new FrameReader(session);
                byte[] buffer = new byte[65536];
                int count;
                while ((count = in.read(buffer)) > 0) {
                    reader.receive(buffer, 0, count);
                }
            } catch (IOException | UncheckedIOException gone) {
                // The load is through with it.
            } finally {
                sockets.remove(socket);
            }
        }

        private void readHead(InputStream in) throws IOException {
            byte[] head = new byte[HttpHead.MAX_LENGTH];
            int length = 0;
            while (HttpHead.length(head, 0, length) < 0) {
                int next = in.read();
                if (next < 0) {
                    throw new IOException("the client left");
                }
                head[length++] = (byte) next;
            }
        }

        void hangUp() {
            try {
                socket.close();
            } catch (IOException alreadyClosed) {
                throw new UncheckedIOException(alreadyClosed);
            }
        }

        @Override
        public void transmit(Frame frame) {
            try {
                socket.getOutputStream().write(FrameCodec.encode(frame));
            } catch (IOException gone) {
                // Its own thread notices.
            }
        }

        @Override
        public void login(NodePublicKey client, ClientInfo info) {
            publicKey = client;
            synchronized (ScriptedRelay.this) {
                clients.put(client, this);
            }
            session.admit(ServerInfo.unlimited());
        }

        @Override
        public void frame(Frame frame) {
            if (frame instanceof Frame.SendPacket send) {
                route(this, send);
            }
        }
    }

    /** A packet that no load sent, to every client. */
    static Frame strangePacket() {
        return new Frame.RecvPacket(
                NodePrivateKey.generate(RANDOM).publicKey(), Payload.of(new byte[] {1, 2, 3, 4, 5}));
    }
}
