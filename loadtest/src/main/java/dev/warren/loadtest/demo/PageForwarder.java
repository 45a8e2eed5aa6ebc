package dev.warren.loadtest.demo;

import dev.warren.platform.config.UserError;
import dev.warren.platform.linux.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * A loopback port of this machine that leads to a listener inside the sandbox. One virtual thread accepts, two copy for
 * each connection; all end with {@link #close()}.
 */
final class PageForwarder implements AutoCloseable {
    private final ServerSocketChannel listener;
    private final NetworkNamespace network;
    private final InetSocketAddress target;

    private PageForwarder(ServerSocketChannel listener, NetworkNamespace network, InetSocketAddress target) {
        this.listener = listener;
        this.network = network;
        this.target = target;
    }

    /** Listens on {@code port} of the loopback address (0: any free one) for {@code target} in {@code network}. */
    static PageForwarder start(int port, NetworkNamespace network, InetSocketAddress target) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        try {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException taken) {
            listener.close();
            throw new UserError("port " + port + " of 127.0.0.1 cannot be used for the status page ("
                    + taken.getMessage() + "); choose another with --page-port");
        }
        PageForwarder forwarder = new PageForwarder(listener, network, target);
        Thread.ofVirtual().name("status-page").start(forwarder::accept);
        return forwarder;
    }

    /** The page's address for a browser on this machine. */
    String url() throws IOException {
        return "http://127.0.0.1:" + ((InetSocketAddress) listener.getLocalAddress()).getPort() + "/";
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = listener.accept();
                Thread.ofVirtual().name("status-page-client").start(() -> serve(client));
            }
        } catch (IOException closed) {
            // close() ends it.
        }
    }

    private void serve(SocketChannel client) {
        try (client;
                SocketChannel server = network.call(SocketChannel::open)) {
            server.connect(target);
            Thread back = Thread.ofVirtual().start(() -> copy(server, client));
            copy(client, server);
            back.join();
        } catch (IOException gone) {
            // The browser sees its connection end.
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Copies until the source ends, then ends the other side's reading, too. */
    private static void copy(SocketChannel from, SocketChannel to) {
        try {
            Channels.newInputStream(from).transferTo(Channels.newOutputStream(to));
            to.shutdownOutput();
        } catch (IOException gone) {
            // The other direction notices by itself.
        }
    }
}
