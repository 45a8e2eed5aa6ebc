package dev.warren.node.offload;

/** RFC 1071 as it is written: sixteen bits at a time, the carry added at once. */
final class SlowChecksum {
    private SlowChecksum() {}

    static int sum(byte[]... parts) {
        int sum = 0;
        for (byte[] part : parts) {
            for (int i = 0; i < part.length; i += 2) {
                int low = i + 1 < part.length ? part[i + 1] & 0xff : 0;
                sum += ((part[i] & 0xff) << 8) | low;
                if (sum > 0xffff) {
                    sum = sum - 0x10000 + 1;
                }
            }
        }
        return sum;
    }
}
