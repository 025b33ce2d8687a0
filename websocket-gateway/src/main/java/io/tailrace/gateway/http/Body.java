// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/** Reads the body of a request, up to a limit. */
final class Body {

    /** The body is longer than allowed. */
    static final class TooLongException extends RuntimeException {
        TooLongException(int maxBytes) {
            super("a body may have " + maxBytes + " bytes", null, false, false);
        }
    }

    private Body() {}

    static Future<String> read(HttpServerRequest request, int maxBytes) {
        Promise<String> done = Promise.promise();
        Buffer body = Buffer.buffer();
        request.handler(part -> {
            if (body.length() + part.length() > maxBytes) {
                done.tryFail(new TooLongException(maxBytes));
                request.handler(rest -> {}); // heard out, not kept: the sender is to read the answer
            } else {
                body.appendBuffer(part);
            }
        });
        request.exceptionHandler(done::tryFail);
        request.endHandler(end -> done.tryComplete(body.toString()));
        return done.future();
    }
}
