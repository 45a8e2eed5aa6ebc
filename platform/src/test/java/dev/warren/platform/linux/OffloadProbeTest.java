package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class OffloadProbeTest {
    @Test
    void shouldFindAllOfThemOnAKernelThatHasThem() {
        Requirements.tun();
        assertEquals(Offloads.ALL, OffloadProbe.run());
    }

    @Test
    void shouldBelieveTheKernelWhereTheLoopbackInterfaceIsDown() throws IOException {
        Requirements.tun();
        try (NetworkNamespace namespace = NetworkNamespace.create()) {
            assertEquals(Offloads.ALL, namespace.call(OffloadProbe::run));
        }
    }

    @Test
    void shouldSwitchOffEachByItself() {
        Offloads noGso = new Offloads(true, true, false, true);
        assertEquals(noGso, Offloads.ALL.and(noGso));
        assertEquals(new Offloads(false, true, false, true), noGso.and(new Offloads(false, true, true, true)));
        assertEquals(Offloads.NONE, Offloads.NONE.and(Offloads.ALL));
    }
}
