package dev.warren.protocol.coordination;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.testing.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SignedNodeRecordTest {
    @Test
    void aSignedStatementVerifies() {
        Seeds.forEach(20, random -> {
            IdentityPrivateKey key = IdentityPrivateKey.generate(random);
            NodeStatement statement = new RandomMessages(random).statement(key);
            assertEquals(statement, SignedNodeRecord.sign(statement, key).verify());
        });
    }

    @Test
    void anyChangeOfThePayloadIsRefused() {
        Seeds.forEach(60, random -> {
            SignedNodeRecord signed = new RandomMessages(random).signed();
            byte[] bytes = signed.payload().getBytes(StandardCharsets.UTF_8);
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(7));
            SignedNodeRecord changed =
                    new SignedNodeRecord(new String(bytes, StandardCharsets.UTF_8), signed.signature());
            assertThrows(CoordinationFormatException.class, changed::verify);
        });
    }

    @Test
    void anotherIdentitysSignatureIsRefused() {
        Seeds.forEach(10, random -> {
            IdentityPrivateKey victim = IdentityPrivateKey.generate(random);
            IdentityPrivateKey attacker = IdentityPrivateKey.generate(random);
            SignedNodeRecord genuine = SignedNodeRecord.sign(new RandomMessages(random).statement(victim), victim);
            byte[] forged = attacker.sign(genuine.payload().getBytes(StandardCharsets.UTF_8));
            SignedNodeRecord record =
                    new SignedNodeRecord(genuine.payload(), Base64.getEncoder().encodeToString(forged));
            String said = Refusal.of(record::verify);
            assertTrue(said.contains("is not signed by that identity"), said);
        });
    }

    @Test
    void aSignatureWithoutTheDomainIsRefused() {
        Seeds.forEach(5, random -> {
            IdentityPrivateKey key = IdentityPrivateKey.generate(random);
            String payload = Json.encodeText(new RandomMessages(random).statement(key));
            byte[] bare = key.sign(payload.getBytes(StandardCharsets.UTF_8));
            SignedNodeRecord record =
                    new SignedNodeRecord(payload, Base64.getEncoder().encodeToString(bare));
            assertThrows(CoordinationFormatException.class, record::verify);
        });
    }

    @Test
    void fieldsOfALaterVersionStaySigned() {
        Seeds.forEach(5, random -> {
            IdentityPrivateKey key = IdentityPrivateKey.generate(random);
            NodeStatement statement = new RandomMessages(random).statement(key);
            String later = Json.encodeText(statement).replaceFirst("\\{", "{\"later\":{\"x\":[1]},");
            byte[] signature = key.sign(("warren node record v1\n" + later).getBytes(StandardCharsets.UTF_8));
            SignedNodeRecord record =
                    new SignedNodeRecord(later, Base64.getEncoder().encodeToString(signature));
            assertEquals(statement, record.verify());
        });
    }

    @Test
    void nobodySignsForAnother() {
        Seeds.forEach(1, random -> {
            NodeStatement statement = new RandomMessages(random).statement(IdentityPrivateKey.generate(random));
            IdentityPrivateKey other = IdentityPrivateKey.generate(random);
            assertThrows(IllegalArgumentException.class, () -> SignedNodeRecord.sign(statement, other));
        });
    }

    @Test
    void garbageIsRefused() {
        for (String payload : List.of("", "{}", "null", "[]", "\u0000")) {
            assertThrows(CoordinationFormatException.class, () -> new SignedNodeRecord(payload, "AAAA").verify());
        }
    }

    @Test
    void aSignatureThatIsNoBase64IsRefused() {
        Seeds.forEach(1, random -> {
            SignedNodeRecord record =
                    new SignedNodeRecord(new RandomMessages(random).signed().payload(), "***");
            assertThrows(CoordinationFormatException.class, record::verify);
        });
    }

    @Test
    void anEndlessPayloadIsRefusedUnread() {
        String endless = "x".repeat(20_000);
        assertThrows(CoordinationFormatException.class, () -> new SignedNodeRecord(endless, ""));
    }
}
