package dev.warren.loadtest.images;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.protocol.coordination.JoinToken;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code warren-coordinator}. */
@Timeout(240)
class CoordinatorImageTest {
    @Test
    void invitesFromNothingAndEndsWhenItIsTold() throws Exception {
        try (Service coordinator = Service.of("coordinator", "--public", "coordinator.test:8443")) {
            coordinator.start();

            JoinToken token = JoinToken.decode(coordinator.warren("coordinator", "token", "create"));
            assertEquals(List.of(URI.create("https://coordinator.test:8443")), token.urls());
            assertEquals(1, token.pins().size());
            assertEquals(Ending.BY_SIGTERM, coordinator.end(), coordinator.getLogs());
        }
    }

    @Test
    void refusesWhatIsWrongWithOneSentence() throws Exception {
        assertEquals(
                new Service.Refusal(
                        Ending.USAGE,
                        "warren coordinator: unknown option --pol, did you mean --pool?"
                                + " (warren coordinator --help shows what can be given)\n"),
                Service.refusal("coordinator", "--pol", "10.0.0.0/8"));
    }
}
