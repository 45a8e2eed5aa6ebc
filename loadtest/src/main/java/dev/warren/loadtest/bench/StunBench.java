package dev.warren.loadtest.bench;

import dev.warren.protocol.stun.BindingRequest;
import dev.warren.protocol.stun.BindingResponder;
import dev.warren.protocol.stun.Disposition;
import dev.warren.protocol.stun.ResponderConfig;
import dev.warren.protocol.stun.TransactionId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
    private static final InetSocketAddress ORIGIN = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 3478);
    private static final InetSocketAddress OTHER = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.2"), 3479);

    /** Whose form the request has; rfc5780 is a plain one to a server with two addresses. */
    @Param({"rfc8489", "tailscale", "rfc5780"})
    public String form = "";

    /** The address family of the sender. */
    @Param({"4", "6"})
    public int ip;

    private BindingResponder responder = new BindingResponder();
    private byte[] request = new byte[0];
    private byte[] source = new byte[0];

    /** Makes the request. */
    @Setup
    public void prepare() {
        Random random = new Random(1);
        TransactionId id = TransactionId.random(random);
        request = form.equals("tailscale") ? BindingRequest.tailscale(id) : BindingRequest.plain(id);
        if (form.equals("rfc5780")) {
            responder = new BindingResponder(new ResponderConfig(ORIGIN, OTHER, true));
        }
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
