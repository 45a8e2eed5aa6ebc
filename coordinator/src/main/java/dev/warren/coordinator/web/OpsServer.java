package dev.warren.coordinator.web;

import dev.warren.coordinator.Core;
import dev.warren.coordinator.registry.Member;
import dev.warren.protocol.coordination.Json;
import dev.warren.protocol.coordination.StatusView;
import dev.warren.protocol.derp.DerpMapCodec;
import dev.warren.protocol.key.IdentityPublicKey;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The operator's listener: the status page, {@code /status.json}, {@code /derpmap.json}, {@code /metrics},
 * {@code /healthz}, {@code /readyz}.
 */
public final class OpsServer {
    private static final String PAGE = "/dev/warren/coordinator/web/index.html";
    /** The page brings everything with it; nothing else may be loaded or run. */
    private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
            + " connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final int IDLE_SECONDS = 60;

    private final Core core;
    private final PrometheusMeterRegistry metrics;
    private final LongSupplier unixMillis;
    private final Buffer page;
    private final HttpServer server;

    /** An ops listener over {@code core}; {@link #listen} opens it. */
    public OpsServer(Vertx vertx, Core core, PrometheusMeterRegistry metrics, LongSupplier unixMillis) {
        this.core = core;
        this.metrics = metrics;
        this.unixMillis = unixMillis;
        this.page = load();
        this.server = vertx.createHttpServer(new HttpServerOptions().setIdleTimeout(IDLE_SECONDS))
                .requestHandler(router(vertx));
    }

    /** Opens the listener. The future gives the port. */
    public Future<Integer> listen(InetSocketAddress address) {
        return server.listen(address.getPort(), address.getAddress().getHostAddress())
                .map(HttpServer::actualPort);
    }

    private Router router(Vertx vertx) {
        Router router = Router.router(vertx);
        router.get("/").handler(request -> send(request, "text/html; charset=utf-8", page));
        router.get("/status.json").handler(this::status);
        router.get("/derpmap.json").handler(this::relays);
        router.get("/metrics")
                .handler(request -> send(request, "text/plain; version=0.0.4", Buffer.buffer(metrics.scrape())));
        router.get("/healthz").handler(request -> send(request, "text/plain", Buffer.buffer("ok\n")));
        // The listeners open after the store was read, so who can ask this is answered by a coordinator that is ready.
        router.get("/readyz").handler(request -> send(request, "text/plain", Buffer.buffer("ok\n")));
        refuse(router, 400, "the request cannot be read");
        refuse(router, 404, "there is nothing at this path; the status page is at /");
        refuse(router, 405, "this path takes GET only");
        return router;
    }

    /** One line for people in place of Vert.x's page, or of nothing. */
    private static void refuse(Router router, int status, String sentence) {
        router.errorHandler(status, request -> {
            request.response().setStatusCode(status);
            if (status == 405) {
                request.response().putHeader("allow", "GET");
            }
            send(request, "text/plain", Buffer.buffer(sentence + "\n"));
        });
    }

    private void status(RoutingContext request) {
        Future.fromCompletionStage(core.members(), request.vertx().getOrCreateContext())
                .map(this::view)
                .onSuccess(view -> send(request, "application/json", Buffer.buffer(Json.encode(view))))
                .onFailure(request::fail);
    }

    /** In Tailscale's form, as its clients' {@code --derp-map} and Headscale's {@code derp.urls} take it. */
    private void relays(RoutingContext request) {
        send(
                request,
                "application/json",
                Buffer.buffer(DerpMapCodec.encode(core.snapshot().relays())));
    }

    private StatusView view(Collection<Member> members) {
        Map<IdentityPublicKey, String> software = new HashMap<>();
        members.forEach(member -> software.put(member.identity(), member.software()));
        return new StatusBuilder(core.snapshot(), core.paths(), software).build(unixMillis.getAsLong());
    }

    private static void send(RoutingContext request, String type, Buffer body) {
        HttpServerResponse response = request.response()
                .putHeader("content-type", type)
                .putHeader("cache-control", "no-store")
                .putHeader("content-security-policy", POLICY)
                .putHeader("x-content-type-options", "nosniff")
                .putHeader("referrer-policy", "no-referrer");
        var _ = response.end(body);
    }

    private static Buffer load() {
        try (InputStream in = OpsServer.class.getResourceAsStream(PAGE)) {
            if (in == null) {
                throw new IllegalStateException("the status page is not in the program: " + PAGE);
            }
            return Buffer.buffer(in.readAllBytes());
        } catch (IOException unreadable) {
            throw new IllegalStateException("the status page cannot be read: " + PAGE, unreadable);
        }
    }
}
