package dev.warren.loadtest.stun;

/**
 * How a STUN server is loaded.
 *
 * @param window requests in flight in all, when {@code rate} is 0
 * @param rate requests each second in all, whatever becomes of them; 0 keeps {@code window} in flight instead
 * @param sockets how many source ports
 * @param batch datagrams in one system call at most
 * @param trains whether the kernel cuts the datagrams of a system call out of one (UDP_SEGMENT): cheaper for the
 *     generator, the same for the server
 * @param spin whether the generator waits for answers without sleeping, so that nobody has to wake it up
 */
public record LoadShape(RequestForm form, int window, long rate, int sockets, int batch, boolean trains, boolean spin) {
    /** Whether requests go out by the clock and not by answers. */
    public boolean isOpen() {
        return rate > 0;
    }

    /** In words, for tables. */
    String text() {
        return isOpen() ? "open, " + rate + " requests/s" : "closed, " + window + " in flight";
    }
}
