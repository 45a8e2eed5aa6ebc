package dev.warren.loadtest.bench;

import dev.warren.protocol.stun.BindingRequest;
import dev.warren.protocol.stun.BindingResponder;
import dev.warren.protocol.stun.Disposition;
import dev.warren.protocol.stun.TransactionId;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The answer to one STUN binding request, without the socket. */
@Title("STUN")
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StunBench {
    /** Whose form the request has. */
    @Param({"rfc8489", "tailscale"})
    public String form = "";

    /** The address family of the sender. */
    @Param({"4", "6"})
    public int ip;

    private final BindingResponder responder = new BindingResponder();
    private byte[] request = new byte[0];
    private byte[] source = new byte[0];

    /** Makes the request. */
    @Setup
    public void prepare() {
        Random random = new Random(1);
        TransactionId id = TransactionId.random(random);
        request = form.equals("tailscale") ? BindingRequest.tailscale(id) : BindingRequest.plain(id);
        source = new byte[ip == 4 ? 4 : 16];
        random.nextBytes(source);
    }

    /** Checks the request and writes the answer. */
    @Benchmark
    @Title("answer")
    public Disposition answer() {
        Disposition disposition = responder.handle(request, 0, request.length, source, 41641);
        if (!disposition.isAnswered()) {
            throw new IllegalStateException("not answered: " + disposition);
        }
        return disposition;
    }
}
