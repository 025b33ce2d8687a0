// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.tailrace.broker.api.RequestContext;
import io.vertx.core.Future;
import org.apache.kafka.common.errors.IllegalSaslStateException;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.security.auth.KafkaPrincipal;

/** A listener that asks nobody who they are. */
final class Anonymous implements ConnectionAuthenticator {

    static final Anonymous EVERYBODY = new Anonymous();

    private Anonymous() {}

    @Override
    public boolean authenticated() {
        return true;
    }

    @Override
    public KafkaPrincipal principal() {
        return KafkaPrincipal.ANONYMOUS;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, ApiMessage request) {
        return Future.failedFuture(new IllegalSaslStateException("this listener does not authenticate"));
    }
}
