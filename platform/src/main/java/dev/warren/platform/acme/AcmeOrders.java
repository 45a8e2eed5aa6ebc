package dev.warren.platform.acme;

import dev.warren.platform.tls.ServerCredentials;
import java.io.IOException;
import java.net.InetAddress;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.shredzone.acme4j.AccountBuilder;
import org.shredzone.acme4j.Authorization;
import org.shredzone.acme4j.Identifier;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.OrderBuilder;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.challenge.Challenge;
import org.shredzone.acme4j.challenge.Http01Challenge;
import org.shredzone.acme4j.exception.AcmeException;

/** Orders certificates from one authority; the account is made at the first order. Used by one thread. */
final class AcmeOrders {
    /** From an authority's "pending" to its verdict; Let's Encrypt takes seconds. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final AcmeConfig config;
    private final HttpChallenges challenges;

    AcmeOrders(AcmeConfig config, HttpChallenges challenges) {
        this.config = config;
        this.challenges = challenges;
    }

    /**
     * A new key and a certificate for it. Throws {@link AcmeException} or {@link IOException} when the authority cannot
     * be reached or refuses, {@link dev.warren.platform.config.UserError} when the account's key cannot be read.
     */
    ServerCredentials obtain() throws AcmeException, IOException, InterruptedException {
        Login login = login();
        OrderBuilder wish = login.newOrder().identifier(identifier(config.hostName()));
        if (config.profile() != null) {
            wish.profile(config.profile());
        }
        Order order = wish.create();
        for (Authorization authorization : order.getAuthorizations()) {
            authorize(authorization);
        }
        KeyPair pair = AccountKey.create();
        if (order.waitUntilReady(PATIENCE) != Status.READY) {
            throw refused("the order was not accepted", order.getError().orElse(null));
        }
        order.execute(pair);
        if (order.waitForCompletion(PATIENCE) != Status.VALID) {
            throw refused("the certificate was not issued", order.getError().orElse(null));
        }
        return new ServerCredentials(
                pair.getPrivate(), List.copyOf(order.getCertificate().getCertificateChain()));
    }

    private Login login() throws AcmeException, IOException {
        Session session = TrustedSession.open(config.directory(), config.authority());
        AccountBuilder account =
                new AccountBuilder().agreeToTermsOfService().useKeyPair(AccountKey.loadOrCreate(config.accountFile()));
        if (config.email() != null) {
            account.addEmail(config.email());
        }
        // Of an account that exists already the authority gives the address of that one.
        return account.createLogin(session);
    }

    private void authorize(Authorization authorization) throws AcmeException, InterruptedException {
        if (authorization.getStatus() == Status.VALID) {
            return;
        }
        Http01Challenge challenge = authorization
                .findChallenge(Http01Challenge.class)
                .orElseThrow(() -> new AcmeException("the authority does not offer HTTP-01 for this name"));
        challenges.open(challenge.getToken(), challenge.getAuthorization());
        try {
            challenge.trigger();
            if (authorization.waitForCompletion(PATIENCE) != Status.VALID) {
                challenge.fetch();
                throw refused(
                        "the name was not proven by HTTP",
                        ((Challenge) challenge).getError().orElse(null));
            }
        } finally {
            challenges.close(challenge.getToken());
        }
    }

    private static Identifier identifier(String hostName) {
        try {
            return Identifier.ip(InetAddress.ofLiteral(hostName));
        } catch (IllegalArgumentException aName) {
            return Identifier.dns(hostName);
        }
    }

    private static AcmeException refused(String what, @Nullable Problem problem) {
        return new AcmeException(problem == null ? what : what + ": " + problem);
    }
}
