package dev.warren.relay.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.NodePublicKey;
import dev.warren.relay.admission.Admission.Verdict;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class RememberedAdmissionTest {
    private static final InetAddress HERE = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress THERE = InetAddress.ofLiteral("192.0.2.2");

    /** Who is asked; answers when the test says so. */
    private final List<CompletableFuture<Verdict>> questions = new ArrayList<>();

    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final RememberedAdmission admission = new RememberedAdmission(
            (_, _) -> {
                CompletableFuture<Verdict> answer = new CompletableFuture<>();
                questions.add(answer);
                return answer;
            },
            new AdmissionConfig.Memory(Duration.ofSeconds(60), Duration.ofSeconds(3)),
            clock::get,
            registry);

    private static NodePublicKey key(int number) {
        return NodePublicKey.of(ByteBuffer.allocate(32).putInt(number).array());
    }

    private Verdict now(CompletableFuture<Verdict> answer) {
        return answer.getNow(Verdict.TOO_MANY_WAIT);
    }

    private void ask(NodePublicKey client, InetAddress source) {
        var _ = admission.admit(client, source);
    }

    private void pass(long seconds) {
        clock.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }

    @Test
    void shouldRememberAYesAndANoForTheirTimes() {
        ask(key(1), HERE);
        ask(key(2), HERE);
        questions.get(0).complete(Verdict.ALLOWED);
        questions.get(1).complete(Verdict.DENIED);

        assertEquals(Verdict.ALLOWED, now(admission.admit(key(1), HERE)));
        assertEquals(Verdict.DENIED, now(admission.admit(key(2), HERE)));
        pass(4);
        assertEquals(Verdict.ALLOWED, now(admission.admit(key(1), HERE)));
        assertEquals(2, questions.size());
        ask(key(2), HERE);
        assertEquals(3, questions.size());
        pass(57);
        ask(key(1), HERE);
        assertEquals(4, questions.size());
        assertEquals(
                3,
                registry.get("warren.relay.verify.answers")
                        .tag("how", "remembered")
                        .counter()
                        .count());
        assertEquals(
                4,
                registry.get("warren.relay.verify.answers")
                        .tag("how", "asked")
                        .counter()
                        .count());
    }

    @ParameterizedTest
    @EnumSource(names = {"UNREACHABLE", "BAD_ANSWER", "TOO_MANY_WAIT"})
    void shouldNotRememberThatNothingIsKnown(Verdict uncertain) {
        ask(key(1), HERE);
        questions.getFirst().complete(uncertain);
        ask(key(1), HERE);
        assertEquals(2, questions.size());
    }

    @Test
    void shouldAskAnewForAnotherAddressAndWhenTold() {
        ask(key(1), HERE);
        questions.getFirst().complete(Verdict.ALLOWED);
        ask(key(1), THERE);
        assertEquals(2, questions.size());
        CompletableFuture<Verdict> anew = admission.confirm(key(1), HERE);
        assertEquals(3, questions.size());
        questions.get(2).complete(Verdict.DENIED);
        assertEquals(Verdict.DENIED, now(anew));
        // The new answer is what counts from now on.
        assertEquals(Verdict.DENIED, now(admission.admit(key(1), HERE)));
        admission.forget();
        ask(key(1), HERE);
        assertEquals(4, questions.size());
    }

    @Test
    void shouldAskOnceForAllWhoWantToKnowTheSame() {
        CompletableFuture<Verdict> first = admission.admit(key(1), HERE);
        assertSame(first, admission.admit(key(1), HERE));
        assertSame(first, admission.confirm(key(1), HERE));
        assertEquals(1, questions.size());
    }

    @Test
    void shouldAskAFewAtATimeAndRefuseWhenTooManyWait() {
        List<CompletableFuture<Verdict>> answers = new ArrayList<>();
        int all = RememberedAdmission.MAX_ASKED + RememberedAdmission.MAX_WAITING;
        for (int i = 0; i < all; i++) {
            answers.add(admission.admit(key(i), HERE));
        }
        assertEquals(RememberedAdmission.MAX_ASKED, questions.size());
        CompletableFuture<Verdict> tooMany = admission.admit(key(all), HERE);
        assertTrue(tooMany.isDone());
        assertEquals(Verdict.TOO_MANY_WAIT, tooMany.join());

        for (int i = 0; i < all; i++) {
            assertFalse(answers.get(i).isDone());
            questions.get(i).complete(Verdict.ALLOWED);
            assertEquals(Verdict.ALLOWED, now(answers.get(i)));
        }
        assertEquals(all, questions.size());
        // And there is room again.
        ask(key(all + 1), HERE);
        assertEquals(all + 1, questions.size());
    }

    @Test
    void shouldForgetTheOldestOfTooMany() {
        for (int i = 0; i <= 1 << 16; i++) {
            ask(key(i), HERE);
            questions.get(i).complete(Verdict.ALLOWED);
        }
        int asked = questions.size();
        ask(key(1 << 16), HERE);
        assertEquals(asked, questions.size());
        ask(key(0), HERE);
        assertEquals(asked + 1, questions.size());
    }
}
