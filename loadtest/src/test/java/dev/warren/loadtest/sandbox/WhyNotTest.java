package dev.warren.loadtest.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Requirements;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is said where no namespaces or no TUN devices can be had; the words are those of the real programs. */
@Timeout(30)
class WhyNotTest {
    private static String said(String script) throws Exception {
        Process process = new ProcessBuilder("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        assertNotEquals(0, process.exitValue(), said);
        return said;
    }

    @Test
    void shouldSayHowToGetTunDevices() throws Exception {
        Requirements.root();
        String why = Sandbox.whyNot(
                said("mount -t tmpfs none /dev && exec bash -c '(: <>/dev/net/tun) || exit 1'"),
                "warren tunnel",
                "./warren loadtest tunnel");
        assertTrue(why.startsWith("/dev/net/tun cannot be opened here ("), why);
        assertTrue(why.contains("No such file or directory): load the kernel's module with \"modprobe tun\""), why);
        assertEquals(1, why.lines().count());
    }

    @Test
    void shouldSayWhoMayMakeNamespaces() throws Exception {
        Requirements.root();
        String why = Sandbox.whyNot(
                said("echo 0 > /proc/sys/user/max_net_namespaces && exec unshare --net true"),
                "warren tunnel",
                "./warren loadtest tunnel");
        assertTrue(why.startsWith("warren tunnel cannot make its namespaces here (unshare: "), why);
        assertTrue(
                why.endsWith("): run it as root, or where user namespaces are allowed"
                        + " (unshare -Ur ./warren loadtest tunnel)"),
                why);
        assertEquals(1, why.lines().count());
    }
}
