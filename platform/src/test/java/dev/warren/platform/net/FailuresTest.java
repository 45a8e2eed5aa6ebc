package dev.warren.platform.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.ConnectTimeoutException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FailuresTest {
    @Test
    void shouldSayItInAnOperatorsWords() {
        assertEquals(
                "Connection refused: /127.0.0.1:1",
                Failures.sentence(new ConnectException(
                        "finishConnect(..) failed with error(-111): Connection refused: /127.0.0.1:1")));
        assertEquals("Connection refused", Failures.sentence(new ConnectException("Connection refused")));
        assertEquals("it does not answer", Failures.sentence(new ConnectTimeoutException()));
        assertEquals("its name is unknown (h.example)", Failures.sentence(new UnknownHostException("h.example")));
        assertEquals("IOException", Failures.sentence(new IOException()));
    }
}
