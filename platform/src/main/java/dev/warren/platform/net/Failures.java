package dev.warren.platform.net;

import dev.warren.protocol.derp.ProtocolException;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.timeout.ReadTimeoutException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.util.regex.Pattern;

/** Why a connection failed, as a half-sentence for an operator. */
public final class Failures {
    /** What Netty's own transports put in front of the system's words. */
    private static final Pattern SYSTEM_CALL =
            Pattern.compile("^[a-zA-Z]+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ");

    private Failures() {}

    /** What {@code failure} says to an operator. */
    public static String sentence(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            // The certificate's own message says more than the handshake's around it.
            if (cause instanceof CertificateException || cause instanceof ProtocolException) {
                return String.valueOf(cause.getMessage());
            }
        }
        return switch (failure) {
            case ConnectTimeoutException _ -> "it does not answer";
            case ReadTimeoutException _ -> "it has been silent for too long";
            case UnknownHostException unknown -> "its name is unknown (" + unknown.getMessage() + ")";
            case ConnectException refused ->
                SYSTEM_CALL.matcher(String.valueOf(refused.getMessage())).replaceFirst("");
            default -> failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        };
    }
}
