package dev.warren.node.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.simulation.Host;
import dev.warren.protocol.simulation.NatKind;
import dev.warren.protocol.simulation.NatKind.Dependence;
import dev.warren.protocol.testing.Seeds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Random networks in which random things happen; when they have ended, everybody reaches everybody. */
@Timeout(30)
final class MeshChaosTest {
    private static final Duration CALM = Duration.ofSeconds(20);

    /** Four agents in a random network. */
    private static final class Chaos {
        private final RandomGenerator random;
        private final SimMesh mesh;
        private final List<SimMesh.Site> sites = new ArrayList<>();
        private final List<SimAgent> agents = new ArrayList<>();
        private final List<String> story = new ArrayList<>();

        Chaos(RandomGenerator random) {
            this.random = random;
            this.mesh = SimMesh.withOneRegion(random.nextLong());
            for (int number = 1; number <= 3; number++) {
                SimMesh.Site site = mesh.site(number, kind());
                site.nat.link().loss(random.nextInt(3) * 0.02).jitter(Duration.ofMillis(random.nextInt(20)));
                sites.add(site);
                agents.add(mesh.agent(site.host("agent " + number)));
            }
            Host fourth = random.nextBoolean() ? sites.getFirst().host("neighbour") : mesh.publicHost("public", 4);
            agents.add(mesh.agent(fourth));
            mesh.settle();
        }

        private NatKind kind() {
            Dependence[] all = Dependence.values();
            NatKind kind = NatKind.PORT_RESTRICTED
                    .withMapping(all[random.nextInt(all.length)])
                    .withFiltering(all[random.nextInt(all.length)])
                    .withLifetime(Duration.ofSeconds(30 + random.nextInt(270)));
            story.add(kind.toString());
            return random.nextBoolean() ? kind.withPortsPreserved() : kind;
        }

        private SimMesh.Site anySite() {
            return sites.get(random.nextInt(sites.size()));
        }

        void happens() {
            int what = random.nextInt(7);
            story.add(mesh.network.time().nowNanos() / 1_000_000 + " ms: " + what);
            switch (what) {
                case 0 -> anySite().nat.link().cut();
                case 1 -> anySite().nat.restart();
                case 2 -> anySite().nat.link().blockUdp(true);
                case 3 ->
                    mesh.network
                            .internet()
                            .cut(anySite().nat.address(), anySite().nat.address());
                case 4 -> mesh.relay(900).stop();
                case 5 -> {
                    int index = random.nextInt(agents.size());
                    agents.set(index, mesh.restart(agents.get(index)));
                }
                default -> heal();
            }
        }

        void heal() {
            for (SimMesh.Site site : sites) {
                site.nat.link().heal();
                site.nat.link().blockUdp(false);
                for (SimMesh.Site other : sites) {
                    mesh.network.internet().heal(site.nat.address(), other.nat.address());
                }
            }
            mesh.relay(900).start();
        }

        void traffic(Duration duration) {
            Duration period = Duration.ofMillis(500);
            for (long i = duration.dividedBy(period); i > 0; i--) {
                SimAgent from = agents.get(random.nextInt(agents.size()));
                for (SimAgent to : agents) {
                    if (to != from) {
                        mesh.send(from, to);
                    }
                }
                mesh.network.run(period);
            }
        }

        void everybodyReachesEverybody() {
            sites.forEach(site -> site.nat.link().loss(0));
            for (SimAgent from : agents) {
                for (SimAgent to : agents) {
                    if (from != to) {
                        int packet = mesh.send(from, to);
                        mesh.network.run(Duration.ofSeconds(1));
                        assertTrue(to.received.get(packet), () -> from + " does not reach " + to + ": " + story);
                        assertEquals(0, to.duplicates);
                    }
                }
            }
        }
    }

    @Test
    void whateverHappenedEverybodyReachesEverybodyAfterIt() {
        Seeds.forEach(10, random -> {
            Chaos chaos = new Chaos(random);
            for (int i = 0; i < 12; i++) {
                chaos.happens();
                chaos.traffic(Duration.ofSeconds(1 + random.nextInt(20)));
            }
            chaos.heal();
            chaos.traffic(CALM);
            chaos.everybodyReachesEverybody();
        });
    }

    private static long trace(long seed) {
        Chaos chaos = new Chaos(Seeds.random(seed));
        for (int i = 0; i < 5; i++) {
            chaos.happens();
            chaos.traffic(Duration.ofSeconds(5));
        }
        return chaos.mesh.network.trace();
    }

    @Test
    void oneSeedIsOneCourseOfEvents() {
        assertEquals(trace(42), trace(42));
    }
}
