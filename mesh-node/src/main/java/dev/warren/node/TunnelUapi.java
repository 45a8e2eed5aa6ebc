package dev.warren.node;

import dev.warren.node.control.UapiErrno;
import dev.warren.node.control.UapiException;
import dev.warren.node.control.UapiHost;
import dev.warren.node.engine.MeshEngine;
import dev.warren.node.tunnel.Tunnel;
import dev.warren.platform.linux.Clock;
import dev.warren.platform.linux.LinuxException;
import dev.warren.protocol.wireguard.Peer;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** What {@code wg} sees and changes of a tunnel around its WireGuard device. Used on the datapath thread. */
final class TunnelUapi implements UapiHost {
    private final Tunnel tunnel;
    private final boolean mayChangeKey;
    private int mark;

    TunnelUapi(Tunnel tunnel, boolean mayChangeKey) {
        this.tunnel = tunnel;
        this.mayChangeKey = mayChangeKey;
    }

    @Override
    public int listenPort() {
        return tunnel.port();
    }

    @Override
    public void setListenPort(int port) throws UapiException {
        if (port != 0 && port == tunnel.port()) {
            return;
        }
        try {
            tunnel.rebind(port, mark);
        } catch (LinuxException taken) {
            throw new UapiException(UapiErrno.EADDRINUSE, taken.getMessage());
        }
    }

    @Override
    public int fwmark() {
        return mark;
    }

    @Override
    public void setFwmark(int newMark) throws UapiException {
        try {
            tunnel.datapath().setMark(newMark);
            tunnel.engine().device().forgetSources(_ -> true); // another mark may be another way
            mark = newMark;
        } catch (LinuxException refused) {
            throw new UapiException(UapiErrno.EPERM, refused.getMessage());
        }
    }

    @Override
    public boolean mayChangeKey() {
        return mayChangeKey;
    }

    @Override
    public boolean isManaged(Peer peer) {
        return MeshEngine.isManaged(peer);
    }

    @Override
    public void endpointSet(Peer peer) {
        tunnel.engine().names().forget(peer);
    }

    @Override
    public void endpointNamed(Peer peer, String host, int port) {
        peer.setEndpoint(null);
        tunnel.engine().names().set(peer, host, port, Clock.bootTimeNanos());
    }

    @Override
    public @Nullable InetSocketAddress endpoint(Peer peer) {
        return tunnel.engine().directAddress(peer);
    }
}
