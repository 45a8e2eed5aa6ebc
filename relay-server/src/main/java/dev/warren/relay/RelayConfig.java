package dev.warren.relay;

import dev.warren.platform.acme.AcmeConfig;
import dev.warren.platform.config.Differences;
import dev.warren.platform.net.Gathering;
import dev.warren.platform.net.Transport;
import dev.warren.platform.tls.Pin;
import dev.warren.platform.tls.TlsEngine;
import dev.warren.protocol.coordination.JoinToken;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.relay.admission.AdmissionConfig;
import dev.warren.relay.client.RelayContext;
import dev.warren.relay.http.HomePage;
import dev.warren.relay.limit.Limits;
import dev.warren.relay.udp.UdpRelayConfig;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a relay runs.
 *
 * @param listen the TCP address; port 0 takes any free one
 * @param nodeKey the file with the relay's key; made when absent
 * @param tls how the relay proves itself, null for plain TCP
 * @param place what clients are told about where the relay is
 * @param admission who decides about clients
 * @param opsListen where metrics and health are shown, null for nowhere
 * @param tuning what hardly anybody changes
 * @param limits how much a client may take when the relay starts
 * @param web what is shown by HTTP besides DERP
 * @param mesh the other relays of the region, null when there are none
 * @param udpRelay what it forwards over UDP, null for nothing
 * @param registration how it comes into a coordinator's map, null when it does not by itself
 */
public record RelayConfig(
        InetSocketAddress listen,
        Path nodeKey,
        @Nullable Tls tls,
        Place place,
        AdmissionConfig admission,
        @Nullable InetSocketAddress opsListen,
        Tuning tuning,
        Limits limits,
        Web web,
        @Nullable Mesh mesh,
        @Nullable UdpRelayConfig udpRelay,
        @Nullable Registration registration) {
    /** A relay without limits and alone in its region, which shows by HTTP what its clients need. */
    public RelayConfig(
            InetSocketAddress listen,
            Path nodeKey,
            @Nullable Tls tls,
            Place place,
            @Nullable Verify verify,
            @Nullable InetSocketAddress opsListen,
            Tuning tuning) {
        this(
                listen,
                nodeKey,
                tls,
                place,
                Verify.admission(verify),
                opsListen,
                tuning,
                Limits.NONE,
                Web.STANDARD,
                null,
                null,
                null);
    }

    /** The same relay with these limits. */
    public RelayConfig withLimits(Limits newLimits) {
        return changed(copy -> copy.limits = newLimits);
    }

    /** The same relay that lets others in. */
    public RelayConfig withAdmission(AdmissionConfig newAdmission) {
        return changed(copy -> copy.admission = newAdmission);
    }

    /** The same relay that forwards this over UDP. */
    public RelayConfig withUdpRelay(UdpRelayConfig newUdpRelay) {
        return changed(copy -> copy.udpRelay = newUdpRelay);
    }

    /** The same relay that shows this by HTTP. */
    public RelayConfig withWeb(Web newWeb) {
        return changed(copy -> copy.web = newWeb);
    }

    /** The same relay among others. */
    public RelayConfig withMesh(Mesh newMesh) {
        return changed(copy -> copy.mesh = newMesh);
    }

    /** The same relay that registers itself, at this place. */
    public RelayConfig withRegistration(Registration newRegistration, Place newPlace) {
        return changed(copy -> {
            copy.registration = newRegistration;
            copy.place = newPlace;
        });
    }

    private RelayConfig changed(Consumer<Copy> change) {
        Copy copy = new Copy(this);
        change.accept(copy);
        return new RelayConfig(
                listen,
                nodeKey,
                tls,
                copy.place,
                copy.admission,
                opsListen,
                tuning,
                copy.limits,
                copy.web,
                copy.mesh,
                copy.udpRelay,
                copy.registration);
    }

    /** What may be another in an otherwise equal configuration. */
    private static final class Copy {
        private Place place;
        private AdmissionConfig admission;
        private Limits limits;
        private Web web;
        private @Nullable Mesh mesh;
        private @Nullable UdpRelayConfig udpRelay;
        private @Nullable Registration registration;

        Copy(RelayConfig of) {
            place = of.place;
            admission = of.admission;
            limits = of.limits;
            web = of.web;
            mesh = of.mesh;
            udpRelay = of.udpRelay;
            registration = of.registration;
        }
    }

    /**
     * How a relay registers.
     *
     * @param tokenFile where the token is from
     * @param token names the coordinator, and lets the relay in at its first start
     */
    public record Registration(Path tokenFile, JoinToken token) {}

    /**
     * What is shown by HTTP besides DERP.
     *
     * @param home the page at {@code /}
     * @param names whose addresses {@code /bootstrap-dns} gives
     * @param plainListen where plain HTTP is answered beside TLS, null for nowhere
     */
    public record Web(HomePage home, List<String> names, @Nullable InetSocketAddress plainListen) {
        /** A blank page, no names, no second port. */
        public static final Web STANDARD = new Web(new HomePage.Blank(), List.of(), null);
    }

    /** The keys that differ in {@code next} and that only a restart can change; empty when there are none. */
    List<String> needRestart(RelayConfig next) {
        Differences differences = new Differences();
        differences.add("listen", listen, next.listen);
        differences.add("node-key", nodeKey, next.nodeKey);
        differences.add("plaintext", tls == null, next.tls == null);
        differences.add("acme", tls == null ? null : tls.acme, next.tls == null ? null : next.tls.acme);
        place.addDifferences(next.place, differences);
        differences.add("coordinator-token-file", registration == null, next.registration == null);
        differences.add("ops-listen", opsListen, next.opsListen);
        differences.add("udp-relay-listen and what belongs to it", udpRelay, next.udpRelay);
        differences.add("home", web.home, next.web.home);
        differences.add("bootstrap-dns-names", web.names, next.web.names);
        differences.add("http-listen", web.plainListen, next.web.plainListen);
        differences.add("transport", tuning.transport, next.tuning.transport);
        differences.add("tls-engine", tuning.tlsEngine, next.tuning.tlsEngine);
        differences.add("gather-micros", tuning.gatherMicros, next.tuning.gatherMicros);
        differences.add(
                "mesh-key-file", mesh == null ? null : mesh.keyFile, next.mesh == null ? null : next.mesh.keyFile);
        differences.add(
                "mesh-with", mesh == null ? List.of() : mesh.with, next.mesh == null ? List.of() : next.mesh.with);
        differences.add("drain-seconds", tuning.timing.drainMillis(), next.tuning.timing.drainMillis());
        return differences.options();
    }

    /** The files whose change is a reason to reload. */
    List<Path> watchedFiles() {
        List<Path> files = new ArrayList<>(admission.files());
        if (tls != null) {
            files.addAll(List.of(tls.certificate, tls.key));
        }
        if (registration != null) {
            files.add(registration.tokenFile);
        }
        return files;
    }

    /**
     * The other relays of the region.
     *
     * @param keyFile the secret by which they know each other: 64 hex digits
     * @param with whose clients this relay asks for; empty when only they ask
     */
    public record Mesh(Path keyFile, List<DerpNode> with) {}

    /**
     * The certificate and its key.
     *
     * @param certificate a PEM chain
     * @param key a PEM private key
     * @param ownWhenAbsent whether a self-signed pair is made when neither file is there; else that is an error
     * @param acme the authority that the files come from; until they are there, a pair that is not kept stands in
     */
    public record Tls(Path certificate, Path key, boolean ownWhenAbsent, @Nullable AcmeConfig acme) {
        /** Files that no authority keeps fresh. */
        public Tls(Path certificate, Path key, boolean ownWhenAbsent) {
            this(certificate, key, ownWhenAbsent, null);
        }

        /** A certificate from an authority. */
        public static Tls from(AcmeConfig acme) {
            return new Tls(acme.certificateFile(), acme.keyFile(), false, acme);
        }
    }

    /**
     * What the relay's entry in a map says.
     *
     * @param hostName a name or IP literal
     * @param region 1 or more
     * @param code the region's short name
     * @param name the region's name for people
     * @param addresses at most one IPv4 and one IPv6 literal, to dial in place of the host name's
     * @param stunPort of a STUN server on the same host, {@link DerpNode.Ports#NO_STUN} for none
     */
    public record Place(String hostName, int region, String code, String name, List<String> addresses, int stunPort) {
        /** Copies the list. */
        public Place {
            addresses = List.copyOf(addresses);
        }

        /** In a region that is called after its number, without a STUN server. */
        public Place(String hostName, int region) {
            this(hostName, region, "r" + region, "r" + region, List.of(), DerpNode.Ports.NO_STUN);
        }

        void addDifferences(Place next, Differences differences) {
            differences.add("hostname", hostName, next.hostName);
            differences.add("region", region, next.region);
            if (region == next.region) {
                // Unless it is given, the code follows the region, and the name the code.
                differences.add("region-code", code, next.code);
                differences.add("region-name", name, next.name);
            }
            differences.add("map-address", addresses, next.addresses);
            differences.add("map-stun-port", stunPort, next.stunPort);
        }

        /** The same with other names of the region. */
        Place called(String newCode, String newName) {
            return new Place(hostName, region, newCode, newName, addresses, stunPort);
        }

        /** The same with these addresses, and a STUN server on this port; null for none. */
        Place with(List<String> newAddresses, @Nullable Integer newStunPort) {
            int port = newStunPort == null ? DerpNode.Ports.NO_STUN : newStunPort;
            return new Place(hostName, region, code, name, newAddresses, port);
        }

        /** The literal to dial by this family, null for none. */
        @Nullable
        String literal(boolean v6) {
            Stream<String> literals =
                    addresses.isEmpty() && DerpNode.isLiteral(hostName) ? Stream.of(hostName) : addresses.stream();
            return literals.filter(address -> (address.indexOf(':') >= 0) == v6)
                    .findFirst()
                    .orElse(null);
        }
    }

    /**
     * A URL that decides about clients alone, in the standard way.
     *
     * @param url where derper's question is asked
     * @param pin the only certificate to trust there, null for the machine's authorities
     */
    public record Verify(URI url, @Nullable Pin pin) {
        private static AdmissionConfig admission(@Nullable Verify verify) {
            return verify == null
                    ? AdmissionConfig.OPEN
                    : AdmissionConfig.by(new AdmissionConfig.Verify(verify.url, verify.pin));
        }
    }

    /**
     * What hardly anybody changes.
     *
     * @param transport the kernel interface
     * @param tlsEngine what does TLS for clients
     * @param threads event loops
     * @param gatherMicros the longest pause of a busy event loop, see {@link Gathering}; 0 for none
     * @param timing how long the relay waits for what
     */
    public record Tuning(
            Transport transport, TlsEngine tlsEngine, int threads, int gatherMicros, RelayContext.Timing timing) {
        /** An event loop for each processor. */
        public static Tuning standard() {
            return new Tuning(
                    Transport.AUTO,
                    TlsEngine.AUTO,
                    Runtime.getRuntime().availableProcessors(),
                    Gathering.STANDARD_MICROS,
                    RelayContext.Timing.DEFAULT);
        }
    }
}
