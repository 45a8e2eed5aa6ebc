package dev.warren.node.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.platform.linux.Offloads;
import dev.warren.platform.linux.TunOffloads;
import org.junit.jupiter.api.Test;

/** Who has the say over a switch; DatapathOffloadTest has what it does. */
class OffloadSwitchesTest {
    private final OffloadSwitches all = new OffloadSwitches(Offloads.ALL, Offloads.ALL);

    @Test
    void shouldSayWhyOneIsOff() {
        OffloadSwitches switches =
                new OffloadSwitches(new Offloads(false, true, true, false), new Offloads(true, false, true, false));
        assertEquals(
                "{tun-tcp=switched off, tun-udp=not usable with this kernel, udp-gso=on, udp-gro=switched off}",
                switches.states().toString());
    }

    @Test
    void shouldAskTheDeviceForWhatIsOn() {
        assertEquals(TunOffloads.ALL, all.forTun());
        assertEquals(
                new TunOffloads(true, false, true),
                new OffloadSwitches(new Offloads(false, true, true, true), Offloads.ALL).forTun());
        assertEquals(
                new TunOffloads(true, true, false),
                new OffloadSwitches(Offloads.ALL, new Offloads(true, false, true, true)).forTun());
        assertEquals(
                TunOffloads.NONE, new OffloadSwitches(new Offloads(false, false, true, true), Offloads.ALL).forTun());
    }

    @Test
    void shouldSwitchOffWhatTheKernelDoesNotGrant() {
        all.opened("wg0", new TunOffloads(true, true, false));
        all.granted(Offload.UDP_GRO, false);
        assertEquals(
                "{tun-tcp=on, tun-udp=not usable with this kernel, udp-gso=on, udp-gro=not usable with this kernel}",
                all.states().toString());
    }

    @Test
    void shouldKeepTheUsersWordWhenTheKernelRefusesToo() {
        OffloadSwitches none = new OffloadSwitches(Offloads.NONE, Offloads.ALL);
        none.refused(Offload.UDP_GSO);
        none.granted(Offload.UDP_GRO, false);
        none.waysChanged();
        assertEquals(
                "{tun-tcp=switched off, tun-udp=switched off, udp-gso=switched off, udp-gro=switched off}",
                none.states().toString());
    }

    @Test
    void shouldTryTrainsAgainWithNewSockets() {
        all.refused(Offload.UDP_GSO);
        all.refused(Offload.TUN_TCP);
        assertEquals(OffloadState.REFUSED, all.states().get(Offload.UDP_GSO));
        all.waysChanged();
        assertEquals(OffloadState.ON, all.states().get(Offload.UDP_GSO));
        assertEquals(OffloadState.REFUSED, all.states().get(Offload.TUN_TCP));
    }
}
