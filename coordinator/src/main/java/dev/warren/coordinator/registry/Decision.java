package dev.warren.coordinator.registry;

import dev.warren.protocol.coordination.ErrorAnswer;
import java.util.List;

/** What the registry says to a request. */
public sealed interface Decision {
    /** It holds once these writes are in the store, in this order; after a crash in between, it can be asked again. */
    record Accepted(List<Write> writes) implements Decision {
        /** Copies the list. */
        public Accepted {
            writes = List.copyOf(writes);
        }
    }

    /** It is refused; nothing changes. */
    record Refused(ErrorAnswer answer) implements Decision {}
}
