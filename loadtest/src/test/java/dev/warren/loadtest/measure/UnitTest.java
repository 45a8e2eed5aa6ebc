package dev.warren.loadtest.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class UnitTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PACKETS_PER_SECOND | 412345 | 412 k packets/s",
                "PACKETS_PER_SECOND | 17 | 17 packets/s",
                "RESPONSES_PER_SECOND | 1250000 | 1.25 M responses/s",
                "BITS_PER_SECOND | 4.61e9 | 4.61 Gbit/s",
                "BITS_PER_SECOND | 999.9e6 | 1.00 Gbit/s",
                "BYTES | 63123 | 63.1 kB",
                "BYTES | 12 | 12 B",
                "NANOS | 381000 | 381 us",
                "NANOS | 999600 | 1.00 ms",
                "NANOS | 12 | 12.0 ns",
                "NANOS | 2.5e9 | 2.50 s",
                "NANOS | 90e9 | 90.0 s",
                "PERCENT | 0 | 0.0 %",
                "PERCENT | 0.0001 | < 0.001 %",
                "PERCENT | 0.25 | 0.250 %",
                "PERCENT | 74.26 | 74.3 %",
                "COUNT | 1234567 | 1,234,567",
                "CORES | 0.974 | 0.974 cores",
                "CPU_PER_GB | 4.7 | 4.70 CPU s/GB",
                "CPU_PER_MILLION | 0.0043 | 0.0043 CPU s/M"
            })
    void readsWithThreeDigitsAndItsUnit(Unit unit, double value, String text) {
        assertEquals(text, unit.format(value));
    }

    @Test
    void whatCouldNotBeFoundIsADash() {
        assertEquals("-", Unit.NANOS.format(Double.NaN));
        assertEquals("-", Unit.CPU_PER_GB.format(Double.POSITIVE_INFINITY));
    }
}
