package dev.warren.loadtest.relay.wire;

import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.TcpSocket;

/** DERP right on TCP. */
final class PlainWire implements Wire {
    private final TcpSocket socket;
    private final Scratch scratch;
    private final Backlog backlog;

    PlainWire(TcpSocket socket, Scratch scratch) {
        this.socket = socket;
        this.scratch = scratch;
        backlog = new Backlog(socket, scratch);
    }

    @Override
    public void start() {}

    @Override
    public boolean isReady() {
        return true;
    }

    @Override
    public int receive(int offset, int most) throws LinuxException {
        return socket.receive(scratch.in, offset, Math.min(most, Scratch.READ_BYTES));
    }

    @Override
    public void send(int length) throws LinuxException {
        backlog.send(scratch.out, length);
    }

    @Override
    public Backlog backlog() {
        return backlog;
    }

    @Override
    public String protection() {
        return "plain TCP";
    }

    @Override
    public void release() {
        backlog.drop();
    }
}
