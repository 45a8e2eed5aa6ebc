package dev.warren.coordinator;

import dev.warren.coordinator.registry.RegisteredRelay;
import dev.warren.platform.config.UserError;
import java.util.List;

/** The relay that an operator means. */
final class RelayChoice {
    private RelayChoice() {}

    /** The one that is called {@code word}: of several, the one in the map. Throws {@link UserError} for none or more. */
    static RegisteredRelay of(String word, List<RegisteredRelay> relays) {
        List<RegisteredRelay> called =
                relays.stream().filter(relay -> relay.isCalled(word)).toList();
        List<RegisteredRelay> there =
                called.stream().filter(relay -> relay.out() == null).toList();
        List<RegisteredRelay> meant = there.isEmpty() ? called : there;
        if (meant.isEmpty()) {
            throw new UserError("no relay that registers itself is called \"" + word
                    + "\" here: \"warren coordinator relay list\" shows them; those of --relay and --relay-map are not"
                    + " among them");
        }
        if (meant.size() > 1) {
            throw new UserError("\"" + word + "\" is what several relays are called: say which by its identity, "
                    + String.join(
                            " or ",
                            meant.stream()
                                    .map(relay -> relay.identity().shortText())
                                    .toList()));
        }
        return meant.getFirst();
    }
}
