package dev.warren.loadtest.wireguard;

import dev.warren.loadtest.sandbox.Sandbox;
import dev.warren.loadtest.sandbox.Shell;
import dev.warren.loadtest.tunnel.Daemon;
import dev.warren.loadtest.tunnel.End;
import dev.warren.loadtest.tunnel.Implementation;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Some network namespaces, and the WireGuard daemons in them. The daemons share one folder of sockets, so names of
 * interfaces are given once in a world. All of it ends with this process at the latest, by the kernel's hand.
 */
final class World implements AutoCloseable {
    private final Sandbox sandbox;
    private final List<Place> places = new ArrayList<>();
    private final List<Daemon> daemons = new ArrayList<>();
    private final Map<String, Daemon> byName = new HashMap<>();

    private World(Sandbox sandbox) {
        this.sandbox = sandbox;
    }

    /** A world with so many places, each with nothing but a loopback interface that is up. */
    static World open(int places) throws IOException {
        Requirements.tun();
        Requirements.program("unshare", "nsenter", "ip", "wg", "ping", "iperf3", "nft", "sysctl");
        World world = new World(Sandbox.start("this test", "./warren test"));
        try {
            for (int i = 1; i <= places; i++) {
                world.places.add(new Place(End.open(world.sandbox, i, "")));
            }
            return world;
        } catch (IOException | RuntimeException failed) {
            world.close();
            throw failed;
        }
    }

    /** Place {@code number}, from 0 on. */
    Place place(int number) {
        return places.get(number);
    }

    /** Starts a daemon, whose interface and UDP sockets are at {@code place}. */
    Wg start(Implementation implementation, Place place, String name) throws IOException, InterruptedException {
        Daemon daemon = Daemon.start(implementation, place.end(), name);
        daemons.add(daemon);
        byName.put(name, daemon);
        return new Wg(place, name);
    }

    /** Resident memory of the daemon behind an interface. */
    long residentBytes(Wg interfaceOf) {
        return Objects.requireNonNull(byName.get(interfaceOf.name())).residentBytes();
    }

    /** Takes an interface from one place to another. */
    void move(String link, Place from, Place to) throws IOException {
        Shell.run(in(from, "ip link set " + link + " netns " + to.end().processId()));
    }

    /** Joins two places by a cable, and gives its ends these addresses, written with their prefix. */
    void cable(Place left, String leftLink, String leftAddress, Place right, String rightLink, String rightAddress)
            throws IOException {
        Shell.run(in(
                left,
                "ip link add " + leftLink + " type veth peer name " + rightLink + " netns "
                        + right.end().processId()));
        left.ip("address add " + leftAddress + " dev " + leftLink, "link set " + leftLink + " up");
        right.ip("address add " + rightAddress + " dev " + rightLink, "link set " + rightLink + " up");
    }

    /** Without the sandbox's own process numbers: those that this process knows are given. */
    private static List<String> in(Place place, String command) {
        List<String> all = new ArrayList<>(
                List.of("nsenter", "--target", Long.toString(place.end().processId()), "--net", "--mount", "--"));
        all.addAll(List.of(command.split(" ", -1)));
        return all;
    }

    @Override
    public void close() {
        daemons.forEach(Daemon::close);
        places.forEach(place -> place.end().close());
        sandbox.close();
    }
}
