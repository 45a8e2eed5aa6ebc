package dev.warren.platform.linux;

/**
 * What a {@link UdpSocket} is opened with.
 *
 * @param receiveBufferBytes asked for with SO_RCVBUFFORCE, then SO_RCVBUF, which the machine's limit may cut
 * @param sendBufferBytes the same for sending
 * @param mark SO_MARK for policy routing (wg's fwmark); 0 sets none
 */
public record UdpOptions(int receiveBufferBytes, int sendBufferBytes, int mark) {
    /** 7 MB each way, as wireguard-go takes: 1 MB is 8 ms at 1 Gbit/s, less than one pause of a garbage collector. */
    public static final UdpOptions DEFAULT = new UdpOptions(7 << 20, 7 << 20, 0);
}
