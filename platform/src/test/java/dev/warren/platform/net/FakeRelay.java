package dev.warren.platform.net;

import dev.warren.platform.tls.ServerCredentials;
import dev.warren.protocol.derp.ClientInfo;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.FrameReader;
import dev.warren.protocol.derp.FrameSink;
import dev.warren.protocol.derp.FrameType;
import dev.warren.protocol.derp.HttpHead;
import dev.warren.protocol.derp.ProtocolException;
import dev.warren.protocol.derp.ServerInfo;
import dev.warren.protocol.derp.ServerSession;
import dev.warren.protocol.derp.Upgrade;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A relay of a few lines on the loopback: lets everybody in, routes nothing, keeps what it hears. */
final class FakeRelay implements AutoCloseable {
    /** One client that was let in. */
    final class Link implements ServerSession.Events, FrameSink {
        final Socket socket;
        final BlockingQueue<Frame> frames = new LinkedBlockingQueue<>();
        final ServerSession session = new ServerSession(KEY, new SecureRandom(), this);
        HttpHead request = new HttpHead("", new java.util.TreeMap<>());

        Link(Socket socket) {
            this.socket = socket;
        }

        void send(Frame frame) throws IOException {
            transmit(frame);
        }

        @Override
        public void transmit(Frame frame) {
            try {
                OutputStream out = socket.getOutputStream();
                out.write(FrameCodec.encode(frame));
                out.flush();
            } catch (IOException gone) {
                throw new UncheckedIOException(gone);
            }
        }

        @Override
        public void login(NodePublicKey key, ClientInfo info) {
            session.admit(serverInfo);
            links.add(this);
        }

        @Override
        public void frame(Frame frame) {
            frozen.acquireUninterruptibly();
            frozen.release();
            frames.add(frame);
        }

        /** As a real relay, but that it keeps pongs too. */
        @Override
        public boolean begin(int code, long length) {
            return code == FrameType.PONG.code() || session.begin(code, length);
        }

        @Override
        public void frame(FrameType type, byte[] buffer, int offset, int length) {
            if (type == FrameType.PONG) {
                frames.add(FrameCodec.decodePayload(type, buffer, offset, length));
            } else {
                session.frame(type, buffer, offset, length);
            }
        }

        void serve() {
            try (socket) {
                InputStream in = socket.getInputStream();
                byte[] buffer = new byte[64 << 10];
                int filled = 0;
                int head = -1;
                while (head < 0) {
                    int count = in.read(buffer, filled, buffer.length - filled);
                    if (count < 0 || mute) {
                        parked.add(socket);
                        in.read();
                        return;
                    }
                    filled += count;
                    head = HttpHead.length(buffer, 0, filled);
                }
                request = HttpHead.parse(buffer, 0, head);
                socket.getOutputStream().write(Upgrade.answer(KEY.publicKey()));
                session.start();
                FrameReader reader = new FrameReader(this);
                byte[] behind = Arrays.copyOfRange(buffer, head, filled);
                reader.receive(behind, 0, behind.length);
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    reader.receive(buffer, 0, count);
                }
            } catch (IOException | UncheckedIOException | ProtocolException over) {
                problems.add(over);
            } finally {
                ended.add(this);
            }
        }
    }

    static final NodePrivateKey KEY = NodePrivateKey.generate(new SecureRandom());

    final BlockingQueue<Link> links = new LinkedBlockingQueue<>();
    final BlockingQueue<Exception> problems = new LinkedBlockingQueue<>();
    final BlockingQueue<Socket> parked = new LinkedBlockingQueue<>();
    final BlockingQueue<Link> ended = new LinkedBlockingQueue<>();
    /** Whoever holds it keeps the relay from reading on. */
    final Semaphore frozen = new Semaphore(1);
    /** What those who are let in are told. */
    volatile ServerInfo serverInfo = ServerInfo.unlimited();
    /** Says nothing to those who connect. */
    volatile boolean mute;

    private final ServerSocket listener;
    private final BlockingQueue<Socket> accepted = new LinkedBlockingQueue<>();

    private FakeRelay(ServerSocket listener) {
        this.listener = listener;
        Thread.ofVirtual().start(this::acceptAll);
    }

    static FakeRelay plain(int port) throws IOException {
        return new FakeRelay(listen(ServerSocketFactory.getDefault(), port));
    }

    static FakeRelay tls(ServerCredentials credentials) throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {credentials.keyManager()}, null, null);
        return new FakeRelay(listen(context.getServerSocketFactory(), 0));
    }

    private static ServerSocket listen(ServerSocketFactory factory, int port) throws IOException {
        return factory.createServerSocket(port, 50, InetAddress.getLoopbackAddress());
    }

    int port() {
        return listener.getLocalPort();
    }

    private void acceptAll() {
        for (Socket socket = accept(); socket != null; socket = accept()) {
            accepted.add(socket);
            Thread.ofVirtual().start(new Link(socket)::serve);
        }
    }

    private @Nullable Socket accept() {
        try {
            return listener.accept();
        } catch (IOException closed) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : accepted) {
            socket.close();
        }
    }
}
