package dev.warren.coordinator.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.warren.coordinator.Core;
import dev.warren.coordinator.RefusedException;
import dev.warren.platform.tls.ServerCredentials;
import dev.warren.protocol.coordination.CoordinationFormatException;
import dev.warren.protocol.coordination.ErrorAnswer;
import dev.warren.protocol.coordination.ErrorCode;
import dev.warren.protocol.coordination.Json;
import dev.warren.protocol.coordination.LeaseEndRequest;
import dev.warren.protocol.coordination.LeaseRequest;
import dev.warren.protocol.coordination.NonceAnswer;
import dev.warren.protocol.coordination.RegisterRequest;
import dev.warren.protocol.coordination.RequestSignature;
import dev.warren.protocol.coordination.UpdateRequest;
import dev.warren.protocol.coordination.VerifyAnswer;
import dev.warren.protocol.coordination.VerifyRequest;
import dev.warren.protocol.key.IdentityPublicKey;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listener for nodes and relays: HTTP/1.1 over TLS, all paths under {@code /v1/}. Runs on one event loop. Shows
 * nothing of the mesh to who is no member.
 */
public final class ApiServer {
    /** Longest body that is read: a registration with the most endpoints has about 6 KiB, path reports add to it. */
    public static final int MAX_BODY_BYTES = 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);
    private static final int IDLE_SECONDS = 120;
    private static final int HANDSHAKE_SECONDS = 10;
    private static final int MAX_HEADER_BYTES = 8192;
    private static final String REQUEST = "request";
    private static final ErrorAnswer UNREADABLE =
            new ErrorAnswer(ErrorCode.BAD_REQUEST, "the request cannot be read", null);

    private final Core core;
    private final Callers callers;
    private final WatchHub hub;
    private final Metrics metrics;
    private final LongSupplier unixMillis;
    private final HttpServer server;

    /** An API over {@code core} on {@code context}'s event loop; {@link #listen} opens it. */
    public ApiServer(Core core, Context context, ServerCredentials credentials, Surroundings surroundings) {
        this.core = core;
        this.metrics = surroundings.metrics();
        this.unixMillis = surroundings.unixMillis();
        this.callers = new Callers(core, surroundings.nonces(), unixMillis);
        this.hub = new WatchHub(core, context, metrics);
        this.server = context.owner().createHttpServer(options(credentials)).requestHandler(router(context));
    }

    /**
     * What the API takes from outside.
     *
     * @param unixMillis the wall clock
     */
    public record Surroundings(NonceBook nonces, Metrics metrics, LongSupplier unixMillis) {}

    /** Opens the listener; call it on the context. The future gives the port. */
    public Future<Integer> listen(InetSocketAddress address) {
        return server.listen(address.getPort(), address.getAddress().getHostAddress())
                .map(HttpServer::actualPort);
    }

    private static HttpServerOptions options(ServerCredentials credentials) {
        return new HttpServerOptions()
                .setSsl(true)
                .setKeyCertOptions(KeyCertOptions.wrap(credentials.keyManager()))
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"))
                .setUseAlpn(false)
                .setSslHandshakeTimeout(HANDSHAKE_SECONDS)
                .setSslHandshakeTimeoutUnit(TimeUnit.SECONDS)
                .setIdleTimeout(IDLE_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setMaxHeaderSize(MAX_HEADER_BYTES);
    }

    private Router router(Context context) {
        Router router = Router.router(context.owner());
        BodyHandler body = BodyHandler.create(false).setBodyLimit(MAX_BODY_BYTES);
        at(router, HttpMethod.GET, "/v1/nonce").handler(named("nonce", this::nonce));
        at(router, HttpMethod.GET, "/v1/watch").handler(named("watch", this::watch));
        at(router, HttpMethod.POST, "/v1/verify").handler(body).handler(named("verify", this::verify));
        at(router, HttpMethod.POST, "/v1/register").handler(body).handler(named("register", this::register));
        at(router, HttpMethod.POST, "/v1/update").handler(body).handler(named("update", this::update));
        at(router, HttpMethod.POST, "/v1/lease").handler(body).handler(named("lease", this::lease));
        at(router, HttpMethod.POST, "/v1/lease/end").handler(body).handler(named("lease-end", this::endLease));
        router.route().handler(named("other", _ -> {
            throw new RefusedException(ErrorCode.NOT_FOUND, "there is nothing at this path");
        }));
        router.route().failureHandler(this::failed);
        // A path that cannot be decoded comes to no route, and has neither a status nor a failure.
        router.errorHandler(
                ErrorCode.BAD_REQUEST.status(), request -> answer(request, ErrorCode.BAD_REQUEST.status(), UNREADABLE));
        return router;
    }

    /** The route of a path that takes one method; who comes with another is told which (RFC 9110 section 15.5.6). */
    private static Route at(Router router, HttpMethod method, String path) {
        Route route = router.route(method, path);
        router.route(path).handler(named("other", request -> {
            request.response().putHeader("allow", method.name());
            throw new RefusedException(ErrorCode.METHOD_NOT_ALLOWED, "this path takes " + method.name() + " only");
        }));
        return route;
    }

    private interface Handler {
        void handle(RoutingContext request);
    }

    private static io.vertx.core.Handler<RoutingContext> named(String name, Handler handler) {
        return request -> {
            request.put(REQUEST, name);
            handler.handle(request);
        };
    }

    private void nonce(RoutingContext request) {
        answer(request, 200, new NonceAnswer(callers.nonce(), unixMillis.getAsLong()));
    }

    private void verify(RoutingContext request) {
        VerifyRequest asked = Json.decode(body(request), VerifyRequest.class);
        answer(request, 200, new VerifyAnswer(core.snapshot().admits(asked.nodePublic(), unixMillis.getAsLong())));
    }

    private void register(RoutingContext request) {
        byte[] body = body(request);
        IdentityPublicKey signer = callers.of(request.request(), body);
        answerLater(request, core.register(signer, Json.decode(body, RegisterRequest.class)));
    }

    private void update(RoutingContext request) {
        byte[] body = body(request);
        IdentityPublicKey signer = callers.of(request.request(), body);
        answerLater(request, core.update(signer, Json.decode(body, UpdateRequest.class)));
    }

    private void lease(RoutingContext request) {
        byte[] body = body(request);
        IdentityPublicKey signer = callers.of(request.request(), body);
        answerLater(request, core.lease(signer, Json.decode(body, LeaseRequest.class)));
    }

    private void endLease(RoutingContext request) {
        byte[] body = body(request);
        IdentityPublicKey signer = callers.of(request.request(), body);
        answerLater(request, core.endLease(signer, Json.decode(body, LeaseEndRequest.class)));
    }

    private void watch(RoutingContext request) {
        IdentityPublicKey signer = callers.of(request.request(), new byte[0]);
        hub.begin(
                signer,
                request.response().putHeader(RequestSignature.NONCE_HEADER, callers.nonce()),
                revision(request));
        metrics.answered("watch", "ok");
    }

    private static long revision(RoutingContext request) {
        String text = request.request().getParam("revision", "0");
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException notANumber) {
            throw new RefusedException(ErrorCode.BAD_REQUEST, "the revision must be a whole number");
        }
    }

    private static byte[] body(RoutingContext request) {
        Buffer body = request.body().buffer();
        return body == null ? new byte[0] : body.getBytes();
    }

    private void answerLater(RoutingContext request, CompletableFuture<? extends Record> future) {
        Future.fromCompletionStage(future, request.vertx().getOrCreateContext())
                .onSuccess(message -> answer(request, 200, message))
                .onFailure(request::fail);
    }

    private void answer(RoutingContext request, int status, Record message) {
        if (request.response().ended() || request.response().closed()) {
            return;
        }
        String name = request.<String>get(REQUEST);
        metrics.answered(name == null ? "other" : name, outcome(message));
        var _ = request.response()
                .setStatusCode(status)
                .putHeader("content-type", "application/json")
                .putHeader(RequestSignature.NONCE_HEADER, callers.nonce())
                .end(Buffer.buffer(Json.encode(message)));
    }

    private static String outcome(Record message) {
        return message instanceof ErrorAnswer error ? codeText(error.error()) : "ok";
    }

    private static String codeText(ErrorCode code) {
        try {
            JsonProperty text = ErrorCode.class.getField(code.name()).getAnnotation(JsonProperty.class);
            return text == null ? code.name() : text.value();
        } catch (NoSuchFieldException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private void failed(RoutingContext request) {
        ErrorAnswer error = error(request.failure(), request.statusCode());
        answer(request, error.error().status(), error);
    }

    private static ErrorAnswer error(@Nullable Throwable failure, int status) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof RefusedException refused) {
            return refused.answer();
        }
        if (cause instanceof CoordinationFormatException bad) {
            return new ErrorAnswer(ErrorCode.BAD_REQUEST, String.valueOf(bad.getMessage()), null);
        }
        if (status == ErrorCode.TOO_LARGE.status()) {
            String message = "the body is longer than " + MAX_BODY_BYTES + " bytes";
            return new ErrorAnswer(ErrorCode.TOO_LARGE, message, null);
        }
        if (status >= 400 && status < 500) {
            return UNREADABLE;
        }
        LOG.error("a request failed", cause);
        return new ErrorAnswer(ErrorCode.INTERNAL, "the coordinator failed; its log says why", null);
    }
}
