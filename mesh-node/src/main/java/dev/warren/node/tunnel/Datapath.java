package dev.warren.node.tunnel;

import dev.warren.node.offload.IcmpUnreachable;
import dev.warren.platform.linux.Clock;
import dev.warren.platform.linux.GroBatch;
import dev.warren.platform.linux.GsoBatch;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.LocalSource;
import dev.warren.platform.linux.NamespaceFile;
import dev.warren.platform.linux.Poller;
import dev.warren.platform.linux.TunDevice;
import dev.warren.platform.linux.UdpFeatures;
import dev.warren.platform.linux.UdpPair;
import dev.warren.platform.linux.UdpSocket;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.SourceAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that owns an engine and moves its packets: it sleeps in one epoll on the TUN device, both UDP sockets,
 * other threads and the engine's next deadline; then reads batches, hands each packet to the engine and flushes what
 * the engine wants to send, once a turn.
 *
 * <p>{@link #sendUdp(InetSocketAddress, byte[], int, int)}, {@link #deliver}, {@link #replaceSockets} and {@link #setMark} are for the engine, so for that
 * thread (or before {@link #start}). All else is for any thread. It owns device and sockets and closes them at the end.
 *
 * <p>When a UDP socket's buffer is full, the TUN device is not read until it has room: the kernel's own queue then
 * tells the applications to slow down.
 */
public final class Datapath implements AutoCloseable {
    /** Work for the datapath thread. */
    @FunctionalInterface
    public interface Command {
        /** Runs between two packets. */
        void run(long nowNanos);
    }

    /** A question that the datapath thread answers. */
    @FunctionalInterface
    public interface Question<T> {
        /** Runs between two packets. */
        T answer(long nowNanos);
    }

    private static final Logger LOG = LoggerFactory.getLogger(Datapath.class);
    private static final int TUN = 0;
    private static final int IPV4 = 1;
    private static final int IPV6 = 2;
    /** The first of two, in the order of the families. */
    private static final int HANDSHAKES = 3;

    /** Batches of one socket in one turn, so that a flood on it leaves time for the rest. */
    private static final int ROUNDS = 4;

    private static final long ANSWER_SECONDS = 5;
    private static final int TUN_PACKETS = 256;
    private static final int MAX_PACKET_BYTES = 65535;
    /** Room for the packets of a few pieces of the TUN device, and for those from relays of one turn. */
    private static final int SLAB_BYTES = 320 << 10;

    /** So many turns in a row with an exception are no accident of one packet any more. */
    private static final int MAX_FAILED_TURNS = 100;

    private final TunDevice tun;
    private final Poller poller;
    private final DatapathLimits limits;
    private final OffloadSwitches switches;
    private final DatapathCounters counters = new DatapathCounters();
    private final RelayQueue relayQueue;
    private final CommandQueue commands;
    private final TunInput tunInput;
    private final TunOutput tunOutput;
    private final UdpInput udpInput;
    private final RelayInput relayInput;
    private final HandshakeInput handshakes;
    private final Set<InetSocketAddress> refused = new LinkedHashSet<>();
    private final Map<InetSocketAddress, LocalSource> staleSources = new LinkedHashMap<>();
    private final MemorySegment answer = Arena.ofAuto().allocate(IcmpUnreachable.MAX_BYTES, 8);
    private final IcmpUnreachable unreachable = new IcmpUnreachable(Clock.bootTimeNanos());
    private final @Nullable UdpOutput[] outputs = new UdpOutput[3];
    private @Nullable Thread thread;
    private boolean tunPaused;
    private volatile boolean closing;
    private volatile int port;

    private Datapath(TunDevice tun, Poller poller, DatapathLimits limits, OffloadSwitches switches) {
        this.tun = tun;
        this.poller = poller;
        this.limits = limits;
        this.switches = switches;
        switches.opened(tun.name(), tun.offloads());
        relayQueue = new RelayQueue(limits.relayQueueBytes(), limits.relayQueuePackets());
        commands = new CommandQueue(limits.commands());
        tunInput = new TunInput(tun, counters, SLAB_BYTES);
        tunOutput = new TunOutput(tun, counters, switches);
        udpInput = new UdpInput(new GroBatch(limits.receiveSlots()), counters, tunOutput);
        handshakes = new HandshakeInput(poller, counters, tunOutput, HANDSHAKES);
        relayInput = new RelayInput(relayQueue, limits.relayQueuePackets(), counters, tunOutput, SLAB_BYTES);
    }

    /** Prepares a datapath, which owns {@code tun} and {@code sockets} from now on; {@link #start} sets it going. */
    static Datapath open(TunDevice tun, UdpPair sockets, DatapathLimits limits, OffloadSwitches switches)
            throws LinuxException {
        Datapath datapath = new Datapath(tun, Poller.open(), limits, switches);
        try {
            datapath.poller.add(tun.descriptor(), TUN, true, false);
            datapath.replaceSockets(sockets);
        } catch (LinuxException refused) {
            sockets.close();
            datapath.release();
            throw refused;
        }
        return datapath;
    }

    /**
     * Starts the thread.
     *
     * @param ended told once, on that thread, when it ends other than by {@link #close}: with a sentence
     */
    public synchronized void start(PacketEngine engine, Consumer<String> ended) {
        if (thread != null || closing) {
            throw new IllegalStateException("a datapath starts once");
        }
        thread = Thread.ofPlatform().name("datapath-" + tun.name()).start(() -> run(engine, ended));
    }

    /** The UDP port, the same for both families. */
    public int port() {
        return port;
    }

    /** The interface's name. */
    public String interfaceName() {
        return tun.name();
    }

    /** Which of the ways to move many packets at once are in use. */
    public SortedMap<Offload, OffloadState> offloads() {
        return switches.states();
    }

    /** What was counted so far. */
    public long count(DatapathCounter counter) {
        return counters.value(counter);
    }

    /** Queues a copy of a packet that a relay forwarded; false, and counted, when the queue is full. */
    public boolean offerRelayPacket(int region, NodePublicKey source, byte[] packet, int offset, int length) {
        if (length > MAX_PACKET_BYTES || !relayQueue.offer(region, source, packet, offset, length)) {
            counters.increment(DatapathCounter.RELAY_OVERFLOW);
            return false;
        }
        poller.wakeUp();
        return true;
    }

    /** Has {@code command} run soon; false, and counted, when the queue is full or the datapath has ended. */
    public boolean submit(Command command) {
        return submit(new CommandQueue.Entry(command, () -> {}));
    }

    /** The answer to a question; the future fails when the question could not be put or its code failed. */
    public <T> CompletableFuture<T> ask(Question<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        Command command = nowNanos -> {
            try {
                answer.complete(question.answer(nowNanos));
            } catch (RuntimeException failed) {
                answer.completeExceptionally(failed);
            }
        };
        Runnable abandoned = () -> answer.completeExceptionally(
                new IllegalStateException("the datapath of " + tun.name() + " has ended or is overloaded"));
        if (!submit(new CommandQueue.Entry(command, abandoned))) {
            abandoned.run();
        }
        return answer;
    }

    /** Sends a datagram with this turn's batch (a copy); what can't be sent is counted and told to the engine. */
    public void sendUdp(InetSocketAddress destination, byte[] source, int offset, int length) {
        UdpOutput output = output(destination);
        if (output != null) {
            try {
                output.addCopy(destination, source, offset, length);
            } catch (LinuxException unusable) {
                throw new IllegalStateException(unusable);
            }
        }
    }

    /**
     * The same out of native memory: not copied when it is where {@link PacketEngine#onTun} was told of a packet.
     *
     * @param from which of our addresses it leaves from, null for whichever the route names
     * @param trafficClass of the outer IP header
     */
    public void sendUdp(
            InetSocketAddress destination,
            @Nullable SourceAddress from,
            int trafficClass,
            MemorySegment memory,
            long offset,
            int length) {
        UdpOutput output = output(destination);
        if (output == null) {
            return;
        }
        LocalSource local = from instanceof LocalSource source ? source : null;
        try {
            if (tunInput.holds(memory)) {
                output.add(destination, local, trafficClass, memory, offset, length);
                tunInput.used(offset + length);
            } else {
                output.addCopy(destination, local, trafficClass, memory, offset, length);
            }
        } catch (LinuxException unusable) {
            throw new IllegalStateException(unusable);
        }
    }

    /** A copy behind eight bytes more, which are {@code header}, big-endian. */
    public void sendUdp(InetSocketAddress destination, long header, MemorySegment memory, long offset, int length) {
        UdpOutput output = output(destination);
        if (output != null) {
            try {
                output.addCopy(destination, header, memory, offset, length);
            } catch (LinuxException unusable) {
                throw new IllegalStateException(unusable);
            }
        }
    }

    /** The way out of this family; null, and counted, when the machine has none. */
    private @Nullable UdpOutput output(InetSocketAddress destination) {
        UdpOutput output = outputs[destination.getAddress() instanceof Inet6Address ? IPV6 : IPV4];
        if (output == null) {
            counters.increment(DatapathCounter.UDP_REFUSED);
            refused.add(destination);
        }
        return output;
    }

    /**
     * Gives the machine a packet that came through the tunnel, at the end of the batch it came with: until then it has
     * to stay where it is.
     */
    public void deliver(MemorySegment memory, long offset, int length) {
        tunOutput.add(memory, offset, length);
    }

    /** Tells whoever sent this packet into the tunnel that it has nowhere to go. */
    public void answerUnreachable(MemorySegment memory, long offset, int length) {
        int bytes = unreachable.answer(memory, offset, length, answer, 0, Clock.bootTimeNanos());
        if (bytes != IcmpUnreachable.NONE) {
            counters.increment(DatapathCounter.TUN_UNREACHABLE);
            tunOutput.add(answer, 0, bytes);
            tunOutput.flush();
        }
    }

    /** Takes over other sockets (another port, another mark) and closes the old ones. */
    public void replaceSockets(UdpPair sockets) throws LinuxException {
        switches.waysChanged();
        replace(IPV4, sockets.ipv4());
        replace(IPV6, sockets.ipv6());
        port = sockets.port();
    }

    /** The machine's network has changed: all trains are tried again. */
    void networkChanged() {
        switches.waysChanged();
        for (UdpOutput output : outputs) {
            if (output != null) {
                output.networkChanged();
            }
        }
    }

    /** The network namespace that the device is in now; waits for the datapath's thread. */
    NamespaceFile deviceNamespace() throws IOException {
        CompletableFuture<Object> found = ask(_ -> {
            try {
                return tun.namespace();
            } catch (LinuxException unknown) {
                return unknown;
            }
        });
        try {
            Object answer = found.get(ANSWER_SECONDS, TimeUnit.SECONDS);
            if (answer instanceof NamespaceFile file) {
                return file;
            }
            throw (LinuxException) answer;
        } catch (ExecutionException | TimeoutException ended) {
            throw new IOException("the datapath of " + tun.name() + " does not answer", ended);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
    }

    /** Sets the firewall mark (wg's fwmark) of what the sockets of now send; 0 for none. Needs CAP_NET_ADMIN. */
    public void setMark(int mark) throws LinuxException {
        for (UdpOutput output : outputs) {
            if (output != null) {
                output.socket().setMark(mark);
            }
        }
    }

    /**
     * Ends the thread, waits for that, and closes device and sockets. Called on the thread itself, it does not wait.
     */
    @Override
    public void close() {
        closing = true;
        poller.wakeUp();
        Thread running;
        synchronized (this) {
            running = thread;
        }
        if (running == null) {
            release();
        } else if (!running.equals(Thread.currentThread())) {
            Threads.joinUninterruptibly(running);
        }
    }

    private boolean submit(CommandQueue.Entry entry) {
        if (!commands.offer(entry)) {
            counters.increment(DatapathCounter.COMMAND_REFUSED);
            return false;
        }
        poller.wakeUp();
        return true;
    }

    private void run(PacketEngine engine, Consumer<String> ended) {
        String reason = null;
        try {
            long deadlineNanos = 0;
            int failures = 0;
            while (!closing) {
                int ready = poller.await(deadlineNanos);
                try {
                    deadlineNanos = turn(engine, ready);
                    failures = 0;
                } catch (RuntimeException bug) {
                    counters.increment(DatapathCounter.FAILED_TURN);
                    LOG.error("unexpected failure in the datapath of {}", tun.name(), bug);
                    if (++failures == MAX_FAILED_TURNS) {
                        throw bug;
                    }
                }
            }
        } catch (LinuxException unusable) {
            reason = unusable.getMessage();
        } catch (RuntimeException | Error bug) {
            LOG.error("the datapath of {} ends", tun.name(), bug);
            reason = "The datapath of " + tun.name() + " failed: " + bug + ".";
        } finally {
            release();
        }
        if (reason != null && !closing) {
            ended.accept(reason);
        }
    }

    /** One turn; answers until when to sleep. */
    private long turn(PacketEngine engine, int ready) throws LinuxException {
        long turnNanos = Clock.bootTimeNanos();
        boolean tunReadable = false;
        for (int i = 0; i < ready; i++) {
            int token = poller.token(i);
            if (token == TUN) {
                tunReadable = poller.isReadable(i);
                continue;
            }
            if (token >= HANDSHAKES) {
                handshakes.ready(token);
                continue;
            }
            UdpOutput output = outputs[token];
            if (output != null && poller.isWritable(i)) {
                output.flush();
            }
            if (output != null && poller.isReadable(i)) {
                readUdp(engine, output.socket());
            }
        }
        runCommands();
        relayInput.read(engine);
        if ((tunReadable || tunInput.hasMore()) && !anyBlocked()) {
            readTun(engine);
        }
        handshakes.turn(engine, turnNanos);
        long nowNanos = Clock.bootTimeNanos();
        if (engine.nextDeadlineNanos() <= nowNanos) {
            engine.poll(nowNanos);
        }
        flush(engine, nowNanos);
        return isWorkLeft() ? 0 : Math.min(engine.nextDeadlineNanos(), handshakes.deadlineNanos(engine));
    }

    private void readUdp(PacketEngine engine, UdpSocket socket) throws LinuxException {
        boolean more = true;
        for (int round = 0; round < ROUNDS && more; round++) {
            more = udpInput.read(engine, socket, Clock.bootTimeNanos());
        }
    }

    /** Stops when a socket is full: what lies in the slab then has to stay there, and the device waits. */
    private void readTun(PacketEngine engine) throws LinuxException {
        long nowNanos = Clock.bootTimeNanos();
        for (int i = 0; i < TUN_PACKETS && !anyBlocked(); i++) {
            if (!tunInput.hasRoom()) {
                flushOutputs();
                continue;
            }
            if (!tunInput.readOne(engine, nowNanos)) {
                return;
            }
        }
    }

    private void runCommands() {
        for (int i = 0; i < limits.commands(); i++) {
            CommandQueue.Entry entry = commands.take();
            if (entry == null) {
                return;
            }
            entry.command().run(Clock.bootTimeNanos());
        }
    }

    private void flush(PacketEngine engine, long nowNanos) throws LinuxException {
        tunOutput.flush();
        flushOutputs();
        watchWritable();
        if (!staleSources.isEmpty()) {
            staleSources.forEach(engine::onSourceRefused);
            staleSources.clear();
        }
        if (!refused.isEmpty()) {
            // What the engine sends now may be refused too.
            Set<InetSocketAddress> destinations = Set.copyOf(refused);
            refused.clear();
            engine.onSendFailed(destinations, nowNanos);
        }
    }

    private void flushOutputs() throws LinuxException {
        boolean sent = true;
        for (UdpOutput output : outputs) {
            if (output != null) {
                if (!output.isBlocked()) {
                    output.flush();
                }
                sent &= output.isEmpty();
            }
        }
        if (sent) {
            tunInput.reset();
        }
    }

    /** Waits for room in the sockets, and stops reading the TUN device meanwhile. */
    private void watchWritable() throws LinuxException {
        for (int token = IPV4; token <= IPV6; token++) {
            UdpOutput output = outputs[token];
            if (output != null && output.isBlocked() != output.isWatched()) {
                output.setWatched(output.isBlocked());
                poller.change(output.socket().descriptor(), token, true, output.isBlocked());
            }
        }
        if (anyBlocked() != tunPaused) {
            tunPaused = !tunPaused;
            poller.change(tun.descriptor(), TUN, !tunPaused, false);
        }
    }

    private boolean anyBlocked() {
        UdpOutput ipv4 = outputs[IPV4];
        UdpOutput ipv6 = outputs[IPV6];
        return (ipv4 != null && ipv4.isBlocked()) || (ipv6 != null && ipv6.isBlocked());
    }

    /** Whether something came in or is to go out that no descriptor will wake the thread for. */
    private boolean isWorkLeft() {
        boolean left = !refused.isEmpty();
        for (UdpOutput output : outputs) {
            left |= output != null && !output.isBlocked() && !output.isEmpty();
        }
        left |= tunInput.hasMore() && !anyBlocked();
        return left || !relayQueue.isEmpty() || !commands.isEmpty();
    }

    private void replace(int token, @Nullable UdpSocket socket) throws LinuxException {
        UdpOutput before = outputs[token];
        outputs[token] = null;
        if (before != null) {
            before.socket().close();
        }
        if (socket != null) {
            boolean wantsGro = switches.isOn(Offload.UDP_GRO);
            UdpFeatures granted = socket.enable(new UdpFeatures(wantsGro, true, true));
            switches.granted(Offload.UDP_GRO, granted.gro());
            poller.add(socket.descriptor(), token, true, false);
            GsoBatch batch = new GsoBatch(limits.batchPackets(), limits.copiedBytes(), switches.isOn(Offload.UDP_GSO));
            outputs[token] = new UdpOutput(socket, batch, counters, switches, refused, staleSources);
        }
        handshakes.replace(token - IPV4, socket);
    }

    private void release() {
        commands.end();
        tun.close();
        for (UdpOutput output : outputs) {
            if (output != null) {
                output.socket().close();
            }
        }
        handshakes.close();
        poller.close();
    }
}
