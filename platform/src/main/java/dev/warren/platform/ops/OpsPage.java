package dev.warren.platform.ops;

import java.nio.charset.StandardCharsets;

/** Something that {@link OpsServer} answers GET with. */
@FunctionalInterface
public interface OpsPage {
    /** What is shown: HTTP status, content type, body. */
    final class Content {
        private final int status;
        private final String contentType;
        private final byte[] body;

        private Content(int status, String contentType, byte[] body) {
            this.status = status;
            this.contentType = contentType;
            this.body = body;
        }

        /** Any kind of content; {@code body} is not copied. */
        public static Content of(int status, String contentType, byte[] body) {
            return new Content(status, contentType, body);
        }

        /** Plain text in UTF-8. */
        public static Content text(int status, String text) {
            return of(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
        }

        int status() {
            return status;
        }

        String contentType() {
            return contentType;
        }

        byte[] body() {
            return body;
        }
    }

    /** Makes the content anew for one request. Runs on the listener's only thread, so it must not wait for anything. */
    Content show();
}
