package dev.warren.loadtest.tunnel;

import dev.warren.loadtest.sandbox.Sandbox;
import dev.warren.loadtest.sandbox.Shell;
import java.io.IOException;
import java.util.ArrayList;
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
            cable(left, "eth0", right, "eth0");
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

    /**
     * One more end, 3 or above, with a cable to the right end: {@code eth0} here, {@code ethNUMBER} there, both up and without
     * an address. To be closed before the bed.
     */
    End neighbour(int number) throws IOException {
        End end = End.open(sandbox, number, "");
        cable(right, "eth" + number, end, "eth0");
        right.run("ip", "link", "set", "eth" + number, "up");
        end.run("ip", "link", "set", "eth0", "up");
        return end;
    }

    /** From outside, as only there both ends have a process number. */
    private static void cable(End from, String name, End to, String farName) throws IOException {
        String command = "ip link add " + name + " type veth peer name " + farName + " netns " + to.processId();
        List<String> all = new ArrayList<>(
                List.of("nsenter", "--target", Long.toString(from.processId()), "--net", "--mount", "--"));
        all.addAll(List.of(command.split(" ", -1)));
        Shell.run(all);
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
