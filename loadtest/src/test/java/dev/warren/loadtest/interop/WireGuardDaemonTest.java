package dev.warren.loadtest.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.linux.Link;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What wireguard-go promises to whoever starts it, kept by {@code warren-wireguard}: real processes in a namespace. */
@Timeout(120)
class WireGuardDaemonTest {
    private static final String NAME = "wgd" + ProcessHandle.current().pid();

    @TempDir
    Path folder;

    private Host host;
    private WireGuardScript script;
    private Path socket;

    @BeforeEach
    void makeHost() throws IOException {
        Requirements.tun();
        Requirements.program("wg", "ip", "unshare", "setsid");
        host = new Host(folder.resolve("host"));
        script = new WireGuardScript(folder);
        socket = host.sockets.resolve(NAME + ".sock");
    }

    @AfterEach
    void end() {
        if (host != null) {
            script.close();
            host.close();
        }
    }

    @Test
    void shouldReturnWhenAllIsThereAndLeaveADaemonBehind() throws Exception {
        assertEquals("", run(0, NAME), "nothing to say, and nothing that keeps the caller's pipe open");

        assertNotNull(host.netlink.link(NAME));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        assertEquals(NAME + "\n", host.run("wg", "show", "interfaces"));
        String pid = Long.toString(onlyDaemon().pid());
        Path daemon = Path.of("/proc", pid);
        for (String standard : List.of("0", "1", "2")) {
            assertEquals("/dev/null", link(daemon.resolve("fd").resolve(standard)), standard);
        }
        String stat = Files.readString(daemon.resolve("stat"));
        String session = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[3];
        assertEquals(pid, session, "a session of its own");
        assertNotEquals("", host.run("ip", "link", "show", NAME));
    }

    @ParameterizedTest
    @CsvSource({"interface deleted", "socket removed", "SIGTERM", "SIGINT"})
    void shouldEndAndLeaveNothingBehind(String cause) throws Exception {
        run(0, NAME);
        ProcessHandle daemon = onlyDaemon();
        switch (cause) {
            case "interface deleted" -> host.run("ip", "link", "delete", NAME);
            case "socket removed" -> Files.delete(socket);
            case "SIGTERM" -> host.run("kill", "-TERM", Long.toString(daemon.pid()));
            default -> host.run("kill", "-INT", Long.toString(daemon.pid()));
        }
        daemon.onExit().get(30, TimeUnit.SECONDS);
        assertNull(host.netlink.link(NAME));
        assertFalse(Files.exists(socket));
    }

    @ParameterizedTest
    @CsvSource({"interface deleted", "socket removed", "SIGTERM"})
    void shouldStayInTheForegroundAndEndWithZero(String cause) throws Exception {
        Process daemon = host.launch(script.with(NAME, WireGuardScript.path().toString(), "-f", NAME));
        // Its mode is the last that is done to it: removed before that, the interface could not start.
        Host.await("the socket", () -> Files.exists(socket) && modeOf(socket).equals("rw-------"));
        assertTrue(daemon.isAlive());
        switch (cause) {
            case "interface deleted" -> host.run("ip", "link", "delete", NAME);
            case "socket removed" -> Files.delete(socket);
            default -> host.run("kill", "-TERM", Long.toString(daemon.pid()));
        }
        assertTrue(daemon.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, daemon.exitValue());
        assertEquals("", new String(daemon.getInputStream().readAllBytes(), UTF_8));
        assertNull(host.netlink.link(NAME));
    }

    @Test
    void shouldRefuseANameThatIsTaken() throws Exception {
        run(0, NAME);
        String said = run(1, NAME);
        assertTrue(said.startsWith("warren-wireguard: the interface " + NAME + " is in use by another process"), said);
        assertEquals(1, said.lines().count(), said);
        assertEquals(NAME + "\n", host.run("wg", "show", "interfaces"), "the first one goes on");
        onlyDaemon();
    }

    @Test
    void shouldRefuseWhatIsNoName() throws Exception {
        String said = run(1, "a/b");
        assertTrue(said.startsWith("warren-wireguard: \"a/b\" can not be an interface's name"), said);
        assertEquals(1, said.lines().count(), said);
    }

    @Test
    void shouldSayThatAnotherProcessServesTheSocket() throws Exception {
        try (ServerSocketChannel alive = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            alive.bind(UnixDomainSocketAddress.of(socket));
            String said = run(1, NAME);
            assertTrue(said.contains("another program serves the interface of "), said);
            assertNull(host.netlink.link(NAME), "the interface is gone again");
            assertTrue(Files.exists(socket), "the other's socket is left alone");
        }
    }

    @Test
    void shouldReplaceTheSocketOfADeadProcess() throws Exception {
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(socket));
        }
        assertTrue(Files.exists(socket));
        run(0, NAME);
        assertEquals("off\n", host.run("wg", "show", NAME, "fwmark"));
    }

    /** SIGKILL leaves the socket behind, and takes the interface. */
    @Test
    void shouldTakeOverFromADaemonThatWasKilled() throws Exception {
        run(0, NAME);
        ProcessHandle daemon = onlyDaemon();
        host.run("kill", "-KILL", Long.toString(daemon.pid()));
        daemon.onExit().get(30, TimeUnit.SECONDS);
        assertTrue(Files.exists(socket), "nobody was left to remove it");
        run(0, NAME);
        assertEquals("rw-------", modeOf(socket));
        assertEquals("off\n", host.run("wg", "show", NAME, "fwmark"));
        host.run("ip", "link", "delete", NAME);
        Host.await("the daemon's end", () -> WireGuardScript.daemons(NAME).isEmpty());
        assertFalse(Files.exists(socket));
    }

    @Test
    void shouldComeBackAtOnceAfterItsInterfaceWasDeleted() throws Exception {
        for (int i = 0; i < 3; i++) {
            run(0, NAME);
            host.run("ip", "link", "delete", NAME);
        }
        run(0, NAME);
        Host.await("the older daemons' end", () -> WireGuardScript.daemons(NAME).size() == 1);
        assertEquals("off\n", host.run("wg", "show", NAME, "fwmark"), "its socket is still there");
    }

    @Test
    void shouldSayWhichCapabilityIsMissing() throws Exception {
        Requirements.program("setpriv");
        String said = output(
                1,
                script.with(
                        NAME,
                        "setpriv",
                        "--bounding-set=-net_admin",
                        WireGuardScript.path().toString(),
                        NAME));
        assertTrue(said.contains("CAP_NET_ADMIN"), said);
        assertEquals(1, said.lines().count(), said);
        assertFalse(Files.exists(socket));
    }

    @Test
    void shouldSayThatThereIsNoTunDevice() throws Exception {
        List<String> command =
                new ArrayList<>(List.of("sh", "-c", "mount -t tmpfs none /dev/net && exec \"$@\"", "sh"));
        command.addAll(List.of(script.with(NAME, WireGuardScript.path().toString(), NAME)));
        String said = output(1, command.toArray(new String[0]));
        assertTrue(said.startsWith("warren-wireguard: there is no usable /dev/net/tun"), said);
        assertEquals(1, said.lines().count(), said);
    }

    @Test
    void shouldAnswerAtASocketThatItInherited() throws Exception {
        Requirements.program("python3");
        String inherit =
                """
                import os, socket, sys
                s = socket.socket(socket.AF_UNIX)
                s.bind('/var/run/wireguard/' + sys.argv[2] + '.sock')
                s.listen()
                s.set_inheritable(True)
                os.environ['WG_UAPI_FD'] = str(s.fileno())
                os.execv(sys.argv[1], sys.argv[1:])
                """;
        String said = output(
                0,
                script.with(
                        NAME, "python3", "-c", inherit, WireGuardScript.path().toString(), NAME));
        assertEquals("", said);
        assertEquals("off\n", host.run("wg", "show", NAME, "fwmark"));
        host.run("ip", "link", "delete", NAME);
        Host.await("the daemon's end", () -> WireGuardScript.daemons(NAME).isEmpty());
        assertFalse(Files.exists(socket));
    }

    /** As a program in an app's sandbox does it, which may make the interface while its child may not. */
    @ParameterizedTest
    @CsvSource({"0x1001, plain packets", "0x5001, packets with a header"})
    void shouldUseATunDeviceThatItInherited(String flags, @SuppressWarnings("unused") String what) throws Exception {
        Requirements.program("python3");
        String device = "wgt" + ProcessHandle.current().pid();
        String inherit =
                """
                import fcntl, os, struct, sys
                tun = os.open('/dev/net/tun', os.O_RDWR)
                fcntl.ioctl(tun, 0x400454ca, struct.pack('16sH22x', sys.argv[1].encode(), int(sys.argv[2], 16)))
                os.set_inheritable(tun, True)
                os.environ['WG_TUN_FD'] = str(tun)
                os.execv(sys.argv[3], sys.argv[3:])
                """;
        String said = output(
                0,
                script.with(
                        NAME,
                        "python3",
                        "-c",
                        inherit,
                        device,
                        flags,
                        WireGuardScript.path().toString(),
                        NAME));
        assertEquals("", said);
        assertNull(host.netlink.link(NAME), "the device has its name already");
        assertEquals("off\n", host.run("wg", "show", device, "fwmark"));
        Link link = Objects.requireNonNull(host.netlink.link(device));
        assertEquals(1420, link.mtuBytes());
        assertFalse(link.isUp(), "wg-quick switches it on");
        NodePrivateKey peer = NodePrivateKey.generate(new SecureRandom());
        host.run("wg", "set", device, "peer", peer.publicKey().base64(), "allowed-ips", "10.9.9.0/24");
        host.netlink.bringUp(device, 1420);
        host.netlink.addAddress(device, InetAddress.ofLiteral("10.9.9.1"), 24);
        // The daemon reads the device: it answers itself that it knows no way to the peer.
        Process ping = host.launch("ping", "-n", "-c", "1", "-W", "5", "10.9.9.2");
        String told = new String(ping.getInputStream().readAllBytes(), UTF_8);
        assertTrue(told.contains("Unreachable"), told);
        host.run("ip", "link", "delete", device);
        Host.await("the daemon's end", () -> WireGuardScript.daemons(NAME).isEmpty());
    }

    @Test
    void shouldRefuseADescriptorThatIsNoTunDevice() throws Exception {
        for (String descriptor : List.of("99", "0", "x")) {
            String said = output(
                    1,
                    script.with(
                            NAME,
                            "env",
                            "WG_TUN_FD=" + descriptor,
                            WireGuardScript.path().toString(),
                            NAME));
            assertTrue(
                    said.startsWith("warren-wireguard: file descriptor " + descriptor + " is no TUN interface (")
                            || said.equals("warren-wireguard: WG_TUN_FD=x is no number of a file descriptor\n"),
                    said);
            assertEquals(1, said.lines().count(), said);
        }
        assertNull(host.netlink.link(NAME));
    }

    @Test
    void shouldRefuseADescriptorThatIsNoSocket() throws Exception {
        for (String descriptor : List.of("99", "0", "x")) {
            String said = output(
                    1,
                    script.with(
                            NAME,
                            "env",
                            "WG_UAPI_FD=" + descriptor,
                            WireGuardScript.path().toString(),
                            NAME));
            assertEquals("warren-wireguard: WG_UAPI_FD=" + descriptor + " is no Unix socket that listens\n", said);
        }
        assertNull(host.netlink.link(NAME));
    }

    @Test
    void shouldUseTheFirstFreeNumber() throws Exception {
        script.with("wgf%d");
        run(0, "wgf%d");
        assertEquals("wgf0\n", host.run("wg", "show", "interfaces"));
        host.run("ip", "link", "delete", "wgf0");
    }

    @Test
    void shouldShowHelpAndVersion() throws Exception {
        assertTrue(run(0, "--help").contains("Usage: warren-wireguard "));
        assertTrue(run(0, "--version").startsWith("warren-wireguard "));
        assertTrue(run(2).startsWith("warren-wireguard: "), "without a name");
        assertTrue(run(2, "-x", NAME).startsWith("warren-wireguard: give it the name"));
    }

    @Test
    void shouldLogWhereLogLevelSaysSo() throws Exception {
        Process daemon = host.launch(script.with(
                NAME, "env", "LOG_LEVEL=verbose", WireGuardScript.path().toString(), NAME));
        assertEquals(0, daemon.waitFor());
        host.run("sh", "-c", "wg set " + NAME + " listen-port 4711");
        String fd = link(Path.of("/proc", Long.toString(onlyDaemon().pid()), "fd", "2"));
        assertTrue(fd.startsWith("pipe:"), fd);
        host.run("ip", "link", "delete", NAME);
        daemon.getInputStream().readAllBytes(); // it ends when the daemon does
    }

    private ProcessHandle onlyDaemon() {
        List<ProcessHandle> daemons = WireGuardScript.daemons(NAME);
        assertEquals(1, daemons.size(), daemons.toString());
        return daemons.getFirst();
    }

    private static String modeOf(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException gone) {
            return gone.toString();
        }
    }

    private String run(int exitCode, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(WireGuardScript.path().toString()));
        command.addAll(List.of(arguments));
        return output(exitCode, script.with(NAME, command.toArray(new String[0])));
    }

    private String output(int exitCode, String... command) throws IOException, InterruptedException {
        Process process = host.launch(command);
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(exitCode, process.waitFor(), said);
        return said;
    }

    private static String link(Path path) throws IOException {
        return Files.readSymbolicLink(path).toString();
    }
}
