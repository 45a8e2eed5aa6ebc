package dev.warren.loadtest.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.relay.wire.Target;
import dev.warren.loadtest.relay.wire.Trust;
import dev.warren.platform.config.UserError;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class RelaySettingsTest {
    @Test
    void shouldNeedNoMoreThanATarget() {
        RelaySettings settings = RelaySettings.parse(Map.of("target", "http://127.0.0.1:3340"));
        assertEquals(new Target(false, "127.0.0.1", 3340), settings.target());
        assertEquals(new Trust.Authorities(), settings.trust());
        assertEquals(1, settings.threads());
        assertEquals(0, settings.pid());
        assertEquals(
                new RelaySettings.Span(TimeUnit.SECONDS.toNanos(3), TimeUnit.SECONDS.toNanos(10)), settings.span());
        RelaySettings.Traffic traffic = assertInstanceOf(RelaySettings.Traffic.class, settings.job());
        assertEquals(new RelaySettings.Pairs(20, 1, 40), traffic.pairs());
        assertEquals("100 B", traffic.packets().toString());
        assertEquals(1, traffic.burst());
        assertEquals(new RelaySettings.Closed(16), traffic.pace());
        assertEquals(0, traffic.slow().receivers());
    }

    @Test
    void shouldTakeEverythingThatIsGiven() {
        RelaySettings settings = parse(
                "pairs=7 fan-in=3 clients=12 mix=100:1,200:1 burst=4 rate=5e3 disco=10 slow-receivers=2 slow-rate=99"
                        + " duration=1500ms warmup=0 threads=2 pid=1 insecure=true");
        assertEquals(1, settings.pid());
        assertEquals(2, settings.threads());
        assertEquals(new Trust.Anything(), settings.trust());
        assertEquals(new RelaySettings.Span(0, 1_500_000_000), settings.span());
        RelaySettings.Traffic traffic = assertInstanceOf(RelaySettings.Traffic.class, settings.job());
        assertEquals(new RelaySettings.Pairs(7, 3, 12), traffic.pairs());
        assertEquals(3, traffic.pairs().receivers());
        assertEquals("100:1,200:1, 10 % disco", traffic.packets().toString());
        assertEquals(new RelaySettings.Open(5000), traffic.pace());
        assertEquals(new RelaySettings.Slow(2, 99), traffic.slow());
    }

    @Test
    void shouldKnowTheOtherJobs() {
        assertEquals(new RelaySettings.Storm(0, 16), parse("connect-storm=0").job());
        assertEquals(
                new RelaySettings.Storm(250, 16), parse("connect-storm=250").job());
        assertEquals(
                new RelaySettings.Storm(0, 3),
                parse("connect-storm=0 parallel=3").job());
        assertEquals(new RelaySettings.Idle(1000), parse("idle=1000 pid=1").job());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    pairs=0                   | --pairs "0" is not understood; give a whole number from 1 on
                    pairs=x                   | --pairs "x" is not understood
                    pairs=3 clients=5         | 3 pairs take 6 clients; raise --clients 5, or lower --pairs
                    pairs=3 fan-in=3 clients=3 | 3 pairs take 4 clients
                    threads=3 pairs=2         | 3 threads need 3 receivers
                    threads=65                | --threads "65" is not understood; give a whole number from 1 to 64
                    burst=17                  | a burst of 17 never fits into a window of 16
                    burst=1025 window=2000    | --burst "1025" is not understood
                    rate=0                    | --rate "0" is not understood; give a number above 0
                    rate=10 window=3          | --rate sends whatever comes back and --window waits for it
                    size=100 mix=100:1        | --size gives one size and --mix several
                    size=31                   | a packet of 31 bytes cannot be sent
                    slow-receivers=21         | there are only 20 receivers, so 21 of them cannot be slow
                    slow-rate=0               | --slow-rate "0" is not understood
                    duration=0s               | --duration "0" is not understood; give a time above zero
                    duration=10d              | --duration "10d" is not understood; give a time such as 500ms
                    idle=5                    | say which process it is with --pid
                    idle=5 connect-storm=1    | --connect-storm and --idle are two loads
                    connect-storm=-1          | --connect-storm "-1" is not understood; give a number from 0 on
                    pid=0                     | --pid "0" is not understood
                    insecure=maybe            | --insecure "maybe" is not understood; give true or false
                    pin=abc                   | the pin "abc" must start with sha256-raw:
                    pin=abc insecure=true     | --insecure accepts any certificate and --pin only one
                    windwo=3                  | a relay's load has no setting "windwo"; it has target, pid
                    target=http://192.0.2.1:1 | 192.0.2.1 is not this machine
                    target=derp://127.0.0.1:1 | is no relay's URL; write http://HOST:PORT
                    """)
    void shouldSayWhatIsWrong(String texts, String sentence) {
        UserError refused = assertThrows(UserError.class, () -> parse(texts));
        String message = String.valueOf(refused.getMessage());
        assertTrue(message.contains(sentence), message);
    }

    @Test
    void shouldWantATarget() {
        UserError refused = assertThrows(UserError.class, () -> RelaySettings.parse(Map.of()));
        assertEquals("say which relay: --target http://HOST:PORT, or https://", refused.getMessage());
    }

    @Test
    void shouldGoFurtherWhenAllowed() {
        assertEquals(
                "192.0.2.1",
                parse("target=http://192.0.2.1:1 allow-remote=true").target().host());
    }

    private static RelaySettings parse(String texts) {
        Map<String, String> map = new HashMap<>(Map.of("target", "http://127.0.0.1:3340"));
        for (String text : texts.split(" ", -1)) {
            int equals = text.indexOf('=');
            map.put(text.substring(0, equals), text.substring(equals + 1));
        }
        return RelaySettings.parse(map);
    }
}
