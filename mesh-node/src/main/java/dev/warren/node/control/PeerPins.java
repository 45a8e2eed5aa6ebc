package dev.warren.node.control;

import dev.warren.protocol.coordination.KnownNode;
import dev.warren.protocol.key.IdentityPublicKey;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which identity was first seen behind each address of the mesh. A coordinator that hands out another one for it
 * (another machine in a peer's place) is not believed. Not thread-safe; pure.
 */
final class PeerPins {
    private final Map<InetAddress, IdentityPublicKey> byAddress = new HashMap<>();

    /** One address and who was first seen behind it. */
    record Pin(InetAddress address, IdentityPublicKey identity) {}

    /** All pins, as they lie in the state folder. */
    record Held(List<Pin> pins) {
        static final Held NONE = new Held(List.of());

        Held {
            pins = List.copyOf(pins);
        }
    }

    PeerPins(Held held) {
        held.pins().forEach(pin -> byAddress.put(pin.address(), pin.identity()));
    }

    /** Whether nothing speaks against {@code node}: none of its addresses is pinned to another identity. */
    boolean accepts(KnownNode node) {
        return node.addresses().stream()
                .allMatch(address ->
                        byAddress.getOrDefault(address, node.identity()).equals(node.identity()));
    }

    /** Pins the addresses of an accepted node; true when one of them is new. */
    boolean pin(KnownNode node) {
        boolean isNew = false;
        for (InetAddress address : node.addresses()) {
            isNew |= byAddress.putIfAbsent(address, node.identity()) == null;
        }
        return isNew;
    }

    Held held() {
        List<Pin> pins = new ArrayList<>();
        byAddress.forEach((address, identity) -> pins.add(new Pin(address, identity)));
        return new Held(pins);
    }
}
