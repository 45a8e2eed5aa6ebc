package dev.warren.relay.admission;

import dev.warren.protocol.key.NodePublicKey;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/**
 * Stands before somebody slow who is asked about clients: remembers answers for a while, asks once when several want to
 * know the same, and asks about a few at a time while others wait in a queue. So ten thousand clients that come back at
 * once are as many questions at most, one after the other, and not as many connections. Any thread may call it.
 */
final class RememberedAdmission implements Admission {
    // Implementation. An answer takes some 200 bytes: 13 MB at most.
    private static final int MAX_REMEMBERED = 1 << 16;
    /** A coordinator next door answers in a millisecond, so this is some ten thousand clients a second. */
    static final int MAX_ASKED = 32;
    /** Who is behind these has no answer in the ten seconds that a login may take. */
    static final int MAX_WAITING = 1 << 14;

    private record Question(NodePublicKey client, InetAddress source) {}

    private record Answer(Verdict verdict, long untilNanos) {}

    /** Turns of the queue; guarded by this object's lock like the other collections. */
    private final Queue<Question> waiting = new ArrayDeque<>();

    private final Map<Question, CompletableFuture<Verdict>> open = new HashMap<>();
    private final Map<Question, Answer> answers = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Question, Answer> eldest) {
            return size() > MAX_REMEMBERED;
        }
    };

    private final Admission asked;
    private final long yesNanos;
    private final long noNanos;
    private final LongSupplier clock;
    private final Counter askedCount;
    private final Counter rememberedCount;
    private int asking;

    /** Stands before {@code asked}, which it owns; {@code clock} is monotonic, in nanoseconds. */
    RememberedAdmission(Admission asked, AdmissionConfig.Memory memory, LongSupplier clock, MeterRegistry registry) {
        this.asked = asked;
        this.yesNanos = memory.yes().toNanos();
        this.noNanos = memory.no().toNanos();
        this.clock = clock;
        this.askedCount = counter(registry, "asked");
        this.rememberedCount = counter(registry, "remembered");
    }

    @Override
    public CompletableFuture<Verdict> admit(NodePublicKey client, InetAddress source) {
        Question question = new Question(client, source);
        synchronized (this) {
            Answer answer = answers.get(question);
            if (answer != null && answer.untilNanos() - clock.getAsLong() > 0) {
                rememberedCount.increment();
                return CompletableFuture.completedFuture(answer.verdict());
            }
        }
        return ask(question);
    }

    @Override
    public CompletableFuture<Verdict> confirm(NodePublicKey client, InetAddress source) {
        return ask(new Question(client, source));
    }

    /** Forgets every answer. */
    synchronized void forget() {
        answers.clear();
    }

    @Override
    public void close() {
        asked.close();
    }

    private CompletableFuture<Verdict> ask(Question question) {
        CompletableFuture<Verdict> answer;
        synchronized (this) {
            CompletableFuture<Verdict> underway = open.get(question);
            if (underway != null) {
                return underway;
            }
            if (asking >= MAX_ASKED && waiting.size() >= MAX_WAITING) {
                return CompletableFuture.completedFuture(Verdict.TOO_MANY_WAIT);
            }
            answer = new CompletableFuture<>();
            open.put(question, answer);
            if (asking >= MAX_ASKED) {
                waiting.add(question);
                return answer;
            }
            asking++;
        }
        start(question);
        return answer;
    }

    private void start(Question question) {
        askedCount.increment();
        var _ = asked.admit(question.client(), question.source()).thenAccept(verdict -> answered(question, verdict));
    }

    private void answered(Question question, Verdict verdict) {
        CompletableFuture<Verdict> answer;
        Question next;
        synchronized (this) {
            remember(question, verdict);
            answer = open.remove(question);
            next = waiting.poll();
            if (next == null) {
                asking--;
            }
        }
        if (answer != null) {
            answer.complete(verdict);
        }
        if (next != null) {
            start(next);
        }
    }

    private void remember(Question question, Verdict verdict) {
        long nanos = verdict.letsIn() ? yesNanos : verdict.isUncertain() ? 0 : noNanos;
        if (nanos > 0) {
            answers.put(question, new Answer(verdict, clock.getAsLong() + nanos));
        } else {
            answers.remove(question);
        }
    }

    private static Counter counter(MeterRegistry registry, String how) {
        return Counter.builder("warren.relay.verify.answers")
                .description("Answers of the verify URL: those it was asked for, and those that were remembered")
                .tag("how", how)
                .register(registry);
    }
}
