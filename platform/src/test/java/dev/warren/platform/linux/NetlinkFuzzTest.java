package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Whatever a netlink socket brings is read within its bounds. */
class NetlinkFuzzTest {
    private static final int ROUTE_BYTES = 12;

    @FuzzTest(maxDuration = "5s")
    void anyBytesAreRead(byte[] bytes) {
        List<NetlinkMessage> messages = NetlinkMessage.decode(bytes, bytes.length);
        assertTrue(messages.size() <= bytes.length / NetlinkMessage.HEADER_BYTES);
        messages.forEach(NetlinkFuzzTest::read);
        // As the body of a message whose header is right.
        read(new NetlinkMessage(
                24, 0, 1, NetlinkMessage.body(bytes.length).put(bytes).position(0)));
        // What is behind the given length does not count.
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 64);
        assertTrue(NetlinkMessage.decode(longer, bytes.length).size() == messages.size());
    }

    private static void read(NetlinkMessage message) {
        for (int fixedBytes : new int[] {8, ROUTE_BYTES, 16, 20}) {
            Map<Integer, byte[]> attributes = message.attributes(fixedBytes);
            attributes.forEach((type, value) -> {
                assertTrue(value.length <= message.body().capacity());
                assertTrue(NetlinkMessage.text(attributes, type).length() <= value.length);
                NetlinkMessage.intValue(attributes, type, 0);
            });
        }
        if (message.body().capacity() >= ROUTE_BYTES) {
            Gateway.read(message, Constants.AF_INET, ROUTE_BYTES)
                    .ifPresent(gateway -> assertTrue(gateway.metric() >= 0));
            Gateway.read(message, Constants.AF_INET6, ROUTE_BYTES)
                    .ifPresent(gateway -> assertTrue(gateway.metric() >= 0));
        }
    }
}
