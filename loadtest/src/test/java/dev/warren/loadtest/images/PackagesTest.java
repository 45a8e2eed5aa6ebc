package dev.warren.loadtest.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The Debian packages on a Debian that systemd runs: installed, started, refused, replaced and purged. */
@Timeout(240)
class PackagesTest {
    private static final List<String> SERVICES =
            List.of("warren-coordinator", "warren-relay", "warren-stun", "warren-node");
    private static final String UNITS = String.join(" ", SERVICES) + " warren-stun.socket";
    /** Our own lines say how grave they are in their text, systemd's in the journal. */
    private static final String COMPLAINTS = "{ journalctl --no-pager -o cat -p warning -u 'warren-*';"
            + " journalctl --no-pager -o cat -u 'warren-*' | grep -E ' (warn|error) '; }"
            + " | grep -v ' to compat systemd cgroup ' || true";

    private static @Nullable SystemdMachine shared;

    @BeforeAll
    static void boot() throws Exception {
        Requirements.tun();
        shared = SystemdMachine.boot();
    }

    @AfterAll
    static void end() {
        if (shared != null) {
            shared.close();
        }
    }

    /** As just installed, whatever the test before has done. */
    @BeforeEach
    void install() throws Exception {
        machine()
                .run(
                        "if [ -e /usr/bin/warren ]; then systemctl stop 'warren-*'; systemctl --quiet disable " + UNITS
                                + "; systemctl reset-failed; rm -rf /etc/credstore /etc/systemd/system/warren-* /var/lib/warren-*;"
                                + " cp -a /opt/settings/. /etc/warren; systemctl daemon-reload; else apt-get install -y /packages/*.deb"
                                + " && rm -rf /opt/settings && cp -a /etc/warren /opt/settings; fi; journalctl -q --rotate --vacuum-time=1s");
    }

    private static SystemdMachine machine() {
        if (shared == null) {
            throw new IllegalStateException("there is no machine");
        }
        return shared;
    }

    @Test
    void startsNothingByItself() throws Exception {
        for (String service : SERVICES) {
            assertEquals("inactive", machine().property(service, "ActiveState"), service);
        }
        assertEquals(
                "warren-coordinator\nwarren-node\nwarren-relay",
                machine().run("getent passwd | grep -o '^warren-[a-z]*' | sort"));
        assertEquals("", machine().run("find /var/lib -maxdepth 1 -name 'warren*'"));
    }

    @Test
    void servesReloadsAndStops() throws Exception {
        startAll();
        machine().await("warren netcheck --stun 127.0.0.1:3478 | grep 'seen as 127.0.0.1'");
        // The first request has started it; it is answered some milliseconds before systemd is told.
        machine().await("systemctl is-active warren-stun");
        machine().await("warren status --state-dir /var/lib/warren-node | grep 'home relay *region 900'");

        machine().run("systemctl reload warren-relay warren-coordinator");
        machine().await("journalctl -o cat -u warren-relay | grep 'reloading: SIGHUP'");
        machine().await("journalctl -o cat -u warren-coordinator | grep 'reloaded (SIGHUP)'");
        assertEquals("", machine().run(COMPLAINTS));

        machine().run("systemctl stop warren-node warren-relay warren-stun.socket warren-stun warren-coordinator");
        for (String service : SERVICES) {
            // Killed after its grace it would be "timeout".
            assertEquals("success", machine().property(service, "Result"), service);
            assertEquals(Long.toString(Ending.BY_SIGTERM), machine().property(service, "ExecMainStatus"), service);
            assertEquals("0", machine().property(service, "NRestarts"), service);
        }
        assertEquals("", machine().run(COMPLAINTS));
        assertEquals("", machine().run("ls /run/wireguard; ls /sys/class/net | grep warren || true"));
    }

    /** Each with a credential that only systemd gives it. */
    private static void startAll() throws Exception {
        machine().run("systemctl enable --now warren-coordinator warren-stun.socket");
        String token = "warren coordinator token create --data-dir /var/lib/warren-coordinator";
        machine()
                .run("mkdir -m 700 /etc/credstore; " + token + " --relay > /etc/credstore/coordinator-token; " + token
                        + " > /etc/credstore/token; chmod 600 /etc/credstore/*");
        machine()
                .run(
                        "cd /etc/warren; sed -i 's/^# *\\(coordinator-token-file\\|region\\):/\\1:/' relay.yaml;"
                                + " echo 'hostname: 127.0.0.1' >> relay.yaml; sed -i 's/^#WARREN_UP_TOKEN/WARREN_UP_TOKEN/' node.env");
        machine().run("systemctl enable --now warren-relay warren-node");
        machine().await("journalctl -o cat -u warren-relay | grep 'in the map of the coordinator'");
        machine().await("warren status --state-dir /var/lib/warren-node");
    }

    @Test
    void isReadyWhenItIsStarted() throws Exception {
        machine().run("systemctl start warren-coordinator && exec 3<>/dev/tcp/127.0.0.1/9444");
        machine()
                .run(
                        "systemctl start warren-relay && exec 3<>/dev/tcp/127.0.0.1/9443 && systemctl reload warren-relay");
        machine().await("journalctl -o cat -u warren-relay | grep 'reloading: SIGHUP'");
        assertEquals("active", machine().property("warren-relay", "ActiveState"));
        machine().run("systemctl stop warren-relay");
        assertEquals("0", machine().property("warren-relay", "NRestarts"));
        assertEquals("", machine().run(COMPLAINTS));
    }

    @Test
    void refusesWrongSettingsWithOneSentenceAndRests() throws Exception {
        machine().run("echo 'log-level: verbose' >> /etc/warren/relay.yaml; ! systemctl start warren-relay");
        awaitEnd("warren-relay", "exit-code");
        assertEquals("0", machine().property("warren-relay", "NRestarts"));
        assertSaidOnce(
                "warren-relay",
                "warren relay: /etc/warren/relay.yaml:[0-9]*: log-level = verbose: \"verbose\" is none of");

        machine().run("echo WARREN_UP_PORT=many >> /etc/warren/node.env; ! systemctl start warren-node");
        awaitEnd("warren-node", "exit-code");
        assertEquals("0", machine().property("warren-node", "NRestarts"));
        assertSaidOnce("warren-node", "warren up: WARREN_UP_PORT = many: \"many\" is no whole number");

        // Its socket rests too: each request would start it again.
        machine()
                .run("echo WARREN_STUN_PREFIX_RATE=many >> /etc/warren/stun.env; systemctl start warren-stun.socket;"
                        + " echo > /dev/udp/127.0.0.1/3478");
        awaitEnd("warren-stun", "exit-code");
        machine().await("systemctl show -p ActiveState warren-stun.socket | grep inactive");
        assertSaidOnce("warren-stun", "warren stun: WARREN_STUN_PREFIX_RATE = many: \"many\" is no whole number");
        machine().run("sed -i /many/d /etc/warren/stun.env; systemctl start warren-stun.socket");
        machine().await("warren netcheck --stun 127.0.0.1:3478 | grep 'seen as 127.0.0.1'");
    }

    /** The node by its own command, the others by systemd's. */
    @Test
    void saysThatItStopsBeforeItHasStopped() throws Exception {
        startAll();
        machine().run("echo > /dev/udp/127.0.0.1/3478");
        machine().await("systemctl is-active warren-stun");
        machine().run("systemctl log-level debug; warren down --state-dir /var/lib/warren-node");
        machine().await("systemctl show -p ActiveState warren-node | grep inactive");
        machine()
                .run("systemctl stop warren-relay warren-stun.socket warren-stun warren-coordinator;"
                        + " systemctl log-level info");
        for (String service : SERVICES) {
            assertEquals("success", machine().property(service, "Result"), service);
            machine().await("journalctl -o cat -u " + service + " | grep 'Main process exited'");
            assertEquals(
                    "STOPPING=1\nMain process exited",
                    machine()
                            .run("journalctl -o cat -u " + service
                                    + " | grep -oE 'STOPPING=1|Main process exited' | uniq"),
                    service);
        }
    }

    /** With less patience than the units have, as the test has not so much. */
    @Test
    void givesUpWhenItStartsInVain() throws Exception {
        for (String service : SERVICES) {
            machine()
                    .run("mkdir -p /etc/systemd/system/" + service + ".service.d; printf '%s\\n' [Unit]"
                            + " StartLimitBurst=3 [Service] RestartSec=10ms > /etc/systemd/system/" + service
                            + ".service.d/test.conf");
        }
        machine()
                .run("systemctl daemon-reload; echo WARREN_COORDINATOR_POOL=x >> /etc/warren/coordinator.env;"
                        + " echo WARREN_STUN_OPS_LISTEN=192.0.2.1:9478 >> /etc/warren/stun.env;"
                        + " systemctl start --no-block warren-coordinator warren-stun.socket");
        awaitEnd("warren-coordinator", "exit-code");
        assertEquals("3", machine().property("warren-coordinator", "NRestarts"));
        machine().run("echo > /dev/udp/127.0.0.1/3478");
        machine().await("systemctl show -p Result warren-stun.socket | grep service-start-limit-hit");

        machine().run("rm -r /etc/systemd/system/warren-*.d; systemctl daemon-reload");
        for (String service : SERVICES) {
            long tries = Long.parseLong(machine().property(service, "StartLimitBurst"));
            String between = machine().property(service, "RestartUSec");
            assertEquals("2s", between, service);
            long limit = Long.parseLong(machine()
                    .run("systemd-analyze timespan $(systemctl show --value -p StartLimitIntervalUSec " + service
                            + ") | sed -n 's/^ *[^ ]*s: *//p'"));
            assertTrue(tries * 10_000_000 <= limit, service + ": even starts of 8 s are counted together");
        }
    }

    @Test
    void keepsSettingsAndRestartsWhatRunsWhenItIsReplaced() throws Exception {
        machine().run("echo '# mine' | tee -a /etc/warren/* >/dev/null; systemctl enable --now warren-coordinator");
        String settings = machine().run("md5sum /etc/warren/*");
        String before = machine().property("warren-coordinator", "MainPID");

        machine().run("dpkg -i /packages/*.deb");
        assertEquals(settings, machine().run("md5sum /etc/warren/*"));
        assertEquals("active", machine().property("warren-coordinator", "ActiveState"));
        assertNotEquals(before, machine().property("warren-coordinator", "MainPID"));
        assertEquals("inactive", machine().property("warren-relay", "ActiveState"));
        assertEquals("enabled", machine().property("warren-coordinator", "UnitFileState"));
    }

    @Test
    void leavesNothingWhenItIsPurged() throws Exception {
        startAll();
        machine().run("rm -r /etc/credstore; dpkg --purge warren-{node,relay,stun,coordinator,common}");
        assertEquals(
                "",
                machine()
                        .run("find / /run -xdev \\( -path /packages -o -path /root \\) -prune -o"
                                + " \\( -name '*warren*' -o -nouser -o -nogroup \\) -print"));
        assertEquals("", machine().run("grep -h warren /etc/passwd /etc/group /etc/shadow /etc/gshadow || true"));
        assertEquals("", machine().run("systemctl list-units --all --no-legend 'warren*'"));
        assertEquals("", machine().run("grep -lz '[/]usr/lib/warren' /proc/[0-9]*/cmdline || true"));
    }

    private static void awaitEnd(String service, String result) throws IOException, InterruptedException {
        machine().await("systemctl show -p ActiveState " + service + " | grep failed");
        assertEquals(result, machine().property(service, "Result"));
    }

    private static void assertSaidOnce(String service, String sentence) throws IOException, InterruptedException {
        String said = machine().journal(service);
        assertEquals(1, said.lines().filter(line -> line.startsWith("warren ")).count(), said);
        assertTrue(said.lines().anyMatch(line -> line.matches(sentence + ".*")), said);
    }
}
