// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import java.net.InetSocketAddress;
import java.util.Set;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.KafkaPrincipal;

/** Asks a handler as a client would: both messages go through the bytes of the version, so that neither has a field the version lacks. */
final class Asking {

    private Asking() {}

    @SuppressWarnings("unchecked")
    static <Q extends ApiMessage, R extends ApiMessage> R ask(KafkaApi<Q> api, int version, Q request) {
        ApiMessageType type = ApiMessageType.fromApiKey(api.key().id);
        Q sent = (Q) read(type.newRequest(), request, (short) version);
        Future<? extends ApiMessage> answer = api.handle(context(version), sent);
        assertThat(answer.isComplete()).as("answered").isTrue();
        assertThat(answer.cause()).isNull();
        return (R) read(type.newResponse(), answer.result(), (short) version);
    }

    private static ApiMessage read(ApiMessage into, ApiMessage from, short version) {
        into.read(
                new ByteBufferAccessor(
                        MessageUtil.toByteBufferAccessor(from, version).buffer()),
                version);
        return into;
    }

    static RequestContext context(int version) {
        InetSocketAddress client = new InetSocketAddress("127.0.0.1", 50000);
        InetSocketAddress dialled = new InetSocketAddress("127.0.0.1", 9092);
        return new RequestContext(
                1,
                "PLAINTEXT",
                KafkaPrincipal.ANONYMOUS,
                (short) version,
                1,
                "client",
                "software",
                "1.0",
                client,
                dialled,
                0,
                null,
                new Patience());
    }

    /** Allows everything but these operations on these resources. */
    static Authorizer denying(ResourceType type, Set<String> names, AclOperation... operations) {
        Set<AclOperation> denied = Set.of(operations);
        return (principal, host, operation, kind, name) ->
                kind != type || !names.contains(name) || !denied.contains(operation);
    }

    static Authorizer denyingCluster(AclOperation... operations) {
        return denying(ResourceType.CLUSTER, Set.of("kafka-cluster"), operations);
    }
}
