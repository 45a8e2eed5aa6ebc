package dev.warren.platform.linux;

/**
 * What a {@link UdpSocket} may learn beside the datagrams: see {@link UdpSocket#enable} and {@link GroBatch}.
 *
 * @param gro trains of datagrams of one sender arrive joined (UDP_GRO; kernel 5.0 or newer)
 * @param localAddress to which of the machine's addresses each came (IP_PKTINFO, IPV6_RECVPKTINFO)
 * @param trafficClass the class that each carries, congestion mark included (IP_RECVTOS, IPV6_RECVTCLASS)
 */
public record UdpFeatures(boolean gro, boolean localAddress, boolean trafficClass) {
    /** Datagrams and nothing else. */
    public static final UdpFeatures NONE = new UdpFeatures(false, false, false);

    /** All there is. */
    public static final UdpFeatures ALL = new UdpFeatures(true, true, true);

    /** What both have. */
    public UdpFeatures and(UdpFeatures other) {
        return new UdpFeatures(
                gro && other.gro, localAddress && other.localAddress, trafficClass && other.trafficClass);
    }
}
