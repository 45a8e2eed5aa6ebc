package dev.warren.loadtest.tunnel;

import dev.warren.loadtest.sandbox.Sandbox;
import dev.warren.loadtest.sandbox.Shell;
import java.io.IOException;
import java.util.List;

/**
 * Two network namespaces in a sandbox of their own, joined by a veth pair of MTU 1500. All of it ends with this process
 * at the latest, by the kernel's hand.
 */
final class TestBed implements AutoCloseable {
    private final Sandbox sandbox;
    private final End left;
    private final End right;

    private TestBed(Sandbox sandbox, End left, End right) {
        this.sandbox = sandbox;
        this.left = left;
        this.right = right;
    }

    /**
     * A bed; the UserError says what this machine does not allow.
     *
     * @param ends without offloads, super-packets are cut up before they cross, as on a real cable
     */
    static TestBed open(TunnelSettings.Ends ends) throws IOException {
        Sandbox sandbox = Sandbox.start("the tunnel's load test", "./warren loadtest tunnel");
        try {
            End left = End.open(sandbox, 1, ends.cores().left());
            End right = End.open(sandbox, 2, ends.cores().right());
            Shell.run(List.of(
                    "nsenter",
                    "--target",
                    Long.toString(left.processId()),
                    "--net",
                    "--mount",
                    "--",
                    "ip",
                    "link",
                    "add",
                    "eth0",
                    "type",
                    "veth",
                    "peer",
                    "name",
                    "eth0",
                    "netns",
                    Long.toString(right.processId())));
            for (End end : List.of(left, right)) {
                end.run("ip", "address", "add", end.outerAddress() + "/24", "dev", "eth0");
                end.run("ip", "link", "set", "eth0", "mtu", "1500", "up");
                if (!ends.offloads()) {
                    end.run("ethtool -K eth0 tso off gso off gro off tx-udp-segmentation off".split(" ", -1));
                }
            }
            return new TestBed(sandbox, left, right);
        } catch (IOException | RuntimeException failed) {
            sandbox.close();
            throw failed;
        }
    }

    /** The end that starts. */
    End left() {
        return left;
    }

    /** The other end. */
    End right() {
        return right;
    }

    /** Ends every process of the bed; namespaces and interfaces go with them. */
    @Override
    public void close() {
        left.close();
        right.close();
        sandbox.close();
    }
}
