package dev.warren.platform.config;

import dev.warren.platform.linux.Errno;
import dev.warren.platform.linux.LinuxException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Failures of the outside world as sentences for operators: what was wrong and what to do. */
public final class Sentences {
    private Sentences() {}

    /**
     * The error for a listener that could not be opened on {@code address}; {@code option} is the flag to change, such
     * as {@code --listen}. Knows the JDK's exceptions and those of Netty's native transports.
     */
    public static UserError cannotListen(InetSocketAddress address, String option, Throwable cause) {
        String where = hostPort(address);
        String reason = String.valueOf(unwrapped(cause).getMessage()).toLowerCase(Locale.ROOT);
        if (reason.contains("address already in use") || is(cause, Errno.EADDRINUSE)) {
            return new UserError(
                    where + " is already in use: stop the program that listens there, or choose another with " + option,
                    cause);
        }
        if (reason.contains("permission denied") || is(cause, Errno.EACCES)) {
            return new UserError(
                    "no permission to listen on " + where + ": ports under 1024 need root or CAP_NET_BIND_SERVICE;"
                            + " or choose another with " + option,
                    cause);
        }
        if (reason.contains("cannot assign requested address") || is(cause, Errno.EADDRNOTAVAIL)) {
            return new UserError(
                    where + " is no address of this machine: give one that is, or :PORT for all, with " + option,
                    cause);
        }
        return new UserError("cannot listen on " + where + " (" + reason + "): choose another with " + option, cause);
    }

    private static boolean is(Throwable cause, Errno errno) {
        return cause instanceof LinuxException refused && refused.is(errno);
    }

    /** {@code address:port}, with brackets around an IPv6 address and no host name. */
    public static String hostPort(InetSocketAddress address) {
        return new HostPort(
                        address.isUnresolved()
                                ? address.getHostString()
                                : address.getAddress().getHostAddress(),
                        address.getPort())
                .toString();
    }

    /** The sentence for any failure that ended a program. */
    public static String describe(Throwable failure) {
        Throwable cause = unwrapped(failure);
        return switch (cause) {
            case UserError error -> String.valueOf(error.getMessage());
            case FileSystemException file -> file(file);
            case BindException bind ->
                "cannot listen (" + bind.getMessage() + "): choose another address or port, or stop who uses it";
            // The JDK's HTTP client gives neither a message.
            case ConnectException refused
            when refused.getCause() instanceof UnresolvedAddressException ->
                "the host is unknown: check its name and this machine's DNS";
            case ConnectException refused
            when refused.getMessage() == null -> "the connection was refused, or there is no way there";
            case LinuxException refused -> lowerFirst(String.valueOf(refused.getMessage()));
            case IOException io -> "input or output failed: " + messageOf(io);
            default -> "internal error: " + messageOf(cause) + "; WARREN_LOG=debug shows where";
        };
    }

    /** {@code text} as it goes on behind a colon; an abbreviation such as UDP stays what it is. */
    static String lowerFirst(String text) {
        boolean isAbbreviation = text.length() > 1 && Character.isUpperCase(text.charAt(1));
        return text.isEmpty() || isAbbreviation ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
    }

    private static String file(FileSystemException failure) {
        String name = String.valueOf(failure.getFile());
        return switch (failure) {
            case AccessDeniedException _ ->
                "no permission for " + name + ": give this user access to it, or name another place";
            case NoSuchFileException _ -> name + " does not exist: check the path";
            case FileAlreadyExistsException _ -> name + " exists already: remove it, or name another place";
            case NotDirectoryException _ -> name + " is not a folder: remove it, or name another place";
            default ->
                name + " cannot be used (" + failure.getReason() + "): check the disk and its permissions,"
                        + " or name another place";
        };
    }

    private static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null
                && (cause instanceof UncheckedIOException
                        || cause instanceof ExecutionException
                        || cause instanceof CompletionException)) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static String messageOf(Throwable cause) {
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}
