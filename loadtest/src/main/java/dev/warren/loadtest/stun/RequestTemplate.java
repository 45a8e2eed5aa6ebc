package dev.warren.loadtest.stun;

import dev.warren.protocol.stun.TransactionId;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * The requests of one run: a ready datagram in which only the transaction id changes, and with it the FINGERPRINT. An
 * id is the run's own four bytes, the socket's number, and the request's number on that socket.
 */
final class RequestTemplate {
    /** XORed into the CRC of FINGERPRINT (RFC 8489 section 14.7). */
    static final int FINGERPRINT_MASK = 0x5354554e;

    static final int PREFIX_AT = 8;
    static final int SOCKET_AT = 12;
    static final int SEQUENCE_AT = 16;
    private static final int FINGERPRINT_LENGTH = 8;

    private final boolean fingerprinted;
    private final byte[] bytes;
    private final ByteBuffer view;
    private final CRC32 crc = new CRC32();

    RequestTemplate(RequestForm form, int prefix) {
        this.fingerprinted = form == RequestForm.TAILSCALE;
        this.bytes = form.bytes(new TransactionId((long) prefix << 32, 0));
        this.view = ByteBuffer.wrap(bytes);
    }

    /** The request with that id; the same array each time. */
    byte[] stamp(int socket, int sequence) {
        view.putInt(SOCKET_AT, socket).putInt(SEQUENCE_AT, sequence);
        if (fingerprinted) {
            int covered = bytes.length - FINGERPRINT_LENGTH;
            crc.reset();
            crc.update(bytes, 0, covered);
            view.putInt(covered + Integer.BYTES, (int) crc.getValue() ^ FINGERPRINT_MASK);
        }
        return bytes;
    }

    /** Bytes of a request. */
    int length() {
        return bytes.length;
    }
}
