package dev.warren.loadtest.tunnel;

import dev.warren.loadtest.sandbox.Shell;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** iperf3 through a tunnel: a server for each run at the right end, the client at the left. */
public final class Iperf {
    /** What a run may take beyond its own time: to connect and to agree on an end through a full tunnel. */
    private static final int SPARE_SECONDS = 20;

    private static final long SERVER_END_SECONDS = 5;

    private final End left;
    private final End right;
    private final String address;

    /** From {@code left} to {@code right}, whose address in the tunnel is {@code address}. */
    public Iperf(End left, End right, String address) {
        this.left = left;
        this.right = right;
        this.address = address;
    }

    /** Runs a client for so long, with these further options; bounded in time. */
    public IperfReport run(int seconds, List<String> options) throws IOException, InterruptedException {
        Process server = serve();
        try {
            List<String> client = new ArrayList<>(List.of(
                    "timeout",
                    Integer.toString(seconds + SPARE_SECONDS),
                    "iperf3",
                    "-J",
                    "-c",
                    address,
                    "--connect-timeout",
                    "5000",
                    "-t",
                    Integer.toString(seconds)));
            client.addAll(options);
            IperfReport report = IperfReport.parse(output(left.on(client)));
            server.waitFor(SERVER_END_SECONDS, TimeUnit.SECONDS);
            return report;
        } finally {
            Daemon.endTree(server.toHandle());
        }
    }

    /** Runs a command that bounds itself in time, and returns all that it printed. */
    public static String output(List<String> command) throws IOException, InterruptedException {
        Process process = Shell.builder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    /** A server for one client; it listens when this returns. */
    private Process serve() throws IOException {
        Process server = Shell.builder(
                        right.on(List.of("iperf3", "-s", "-1", "--forceflush", "--idle-timeout", "30", "-B", address)))
                .redirectErrorStream(true)
                .start();
        BufferedReader lines = server.inputReader(StandardCharsets.UTF_8);
        String line = lines.readLine();
        while (line != null && !line.contains("listening")) {
            line = lines.readLine();
        }
        if (line == null) {
            throw new IOException("iperf3's server ended at once on " + address);
        }
        return server;
    }
}
