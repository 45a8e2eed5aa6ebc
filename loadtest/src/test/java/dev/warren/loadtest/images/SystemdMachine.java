package dev.warren.loadtest.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Device;
import com.github.dockerjava.api.model.HostConfig;
import dev.warren.loadtest.dist.Distribution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.MountableFile;

/** A Debian whose first process is systemd, with our packages in {@code /packages}. */
final class SystemdMachine extends GenericContainer<SystemdMachine> {
    /**
     * As it is on a machine: mounts are seen by all, as those of systemd's credentials have to be; nothing of /proc is hidden;
     * everybody may open /dev/net/tun (udev); cgroups are systemd's.
     */
    private static final String BOOT = "mount --make-rshared /; chmod 666 /dev/net/tun;"
            + " grep -o ' /proc/[^ ]* ' /proc/self/mounts | xargs -rn 1 umount;"
            + " [ ! -e /sys/fs/cgroup/cgroup.controllers ] || mount -o remount,rw /sys/fs/cgroup; exec /sbin/init";

    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(60);

    private SystemdMachine(String image) {
        super(image);
    }

    /** One that has booted. */
    static SystemdMachine boot() throws IOException, InterruptedException {
        Daemon daemon = Daemon.shared();
        SystemdMachine machine = new SystemdMachine(daemon.script("../packaging/base", "--own"))
                .withLabel(Daemon.LABEL, "images")
                .withEnv("container", "docker")
                .withTmpFs(Map.of("/run", "", "/run/lock", ""))
                .withCommand("sh", "-c", BOOT)
                .withCreateContainerCmdModifier(SystemdMachine::trust)
                .waitingFor(Wait.forSuccessfulCommand("systemctl is-system-running"));
        for (Path each : packages()) {
            machine.withCopyFileToContainer(MountableFile.forHostPath(each), "/packages/" + each.getFileName());
        }
        machine.start();
        return machine;
    }

    private static List<Path> packages() throws IOException, InterruptedException {
        try (Stream<Path> files = Files.list(Distribution.shared())) {
            return files.filter(file -> file.toString().endsWith(".deb")).toList();
        }
    }

    /** Not all that --privileged gives, which this machine's own daemon may not have. */
    private static void trust(CreateContainerCmd command) {
        HostConfig host = Objects.requireNonNull(command.getHostConfig());
        host.withCapAdd(
                        Capability.SYS_ADMIN,
                        Capability.NET_ADMIN,
                        Capability.SYS_PTRACE,
                        Capability.SYS_NICE,
                        Capability.SYSLOG)
                .withSecurityOpts(List.of("seccomp=unconfined", "apparmor=unconfined"))
                .withDevices(new Device("rwm", "/dev/net/tun", "/dev/net/tun"))
                .withSysctls(Map.of("net.ipv6.conf.all.disable_ipv6", "0"))
                .withCgroupnsMode("private");
    }

    /** What a command of bash prints; it has to succeed. */
    String run(String command) throws IOException, InterruptedException {
        ExecResult result = execInContainer("bash", "-c", command);
        assertEquals(0, result.getExitCode(), command + ": " + result.getStdout() + result.getStderr());
        return result.getStdout().strip();
    }

    /** Runs a command of bash again and again until it succeeds. */
    void await(String command) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + WAIT_NANOS;
        ExecResult last = execInContainer("bash", "-c", command);
        while (last.getExitCode() != 0) {
            if (System.nanoTime() > deadline) {
                fail("not in time: " + command + ": " + last.getStdout() + last.getStderr() + journal("warren-*"));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            last = execInContainer("bash", "-c", command);
        }
    }

    /** A property of a unit, as systemd has it. */
    String property(String unit, String name) throws IOException, InterruptedException {
        return run("systemctl show --value -p " + name + " " + unit);
    }

    /** What units and systemd say of them, without times. */
    String journal(String units) throws IOException, InterruptedException {
        // A container on a machine with both kinds of cgroups has only one of them.
        return run("journalctl --no-pager -o cat -u '" + units + "' | grep -v ' to compat systemd cgroup ' || true");
    }
}
