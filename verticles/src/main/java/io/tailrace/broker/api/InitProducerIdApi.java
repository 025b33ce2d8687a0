// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.cluster.metadata.MetadataView;
import io.vertx.core.Future;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourceType;

/**
 * InitProducerId, key 22, versions 0 to 5: a producer id for an idempotent producer, which no other producer of the cluster gets or ever got.
 *
 * <p>Without a transactional id the answer is always a fresh id with epoch 0, also if the producer names the one it had (KIP-360). Allowed to
 * whoever may write to the cluster idempotently or to any topic at all (KIP-679).
 *
 * <p>With a transactional id the request is checked, and then answered with COORDINATOR_NOT_AVAILABLE: this node coordinates no transactions.
 */
public final class InitProducerIdApi implements KafkaApi<InitProducerIdRequestData> {

    private final ProducerIds producerIds;
    private final MetadataView metadata;
    private final Authorizer authorizer;
    private final int maxTransactionTimeoutMs;

    /** @param maxTransactionTimeoutMs {@code transaction.max.timeout.ms} */
    public InitProducerIdApi(
            ProducerIds producerIds, MetadataView metadata, Authorizer authorizer, int maxTransactionTimeoutMs) {
        this.producerIds = producerIds;
        this.metadata = metadata;
        this.authorizer = authorizer;
        this.maxTransactionTimeoutMs = maxTransactionTimeoutMs;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.INIT_PRODUCER_ID;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, InitProducerIdRequestData request) {
        Errors error =
                request.transactionalId() == null ? idempotentError(context) : transactionalError(context, request);
        if (error != Errors.NONE) {
            return Future.succeededFuture(refused(error));
        }
        return producerIds
                .next()
                .map(id -> new InitProducerIdResponseData().setProducerId(id).setProducerEpoch((short) 0))
                .otherwise(InitProducerIdApi::unavailable);
    }

    private Errors idempotentError(RequestContext context) {
        boolean allowed = authorizer.allows(
                        context, AclOperation.IDEMPOTENT_WRITE, ResourceType.CLUSTER, Resource.CLUSTER_NAME)
                || metadata.image().topics().keySet().stream()
                        .anyMatch(topic -> authorizer.allows(context, AclOperation.WRITE, ResourceType.TOPIC, topic));
        return allowed ? Errors.NONE : Errors.CLUSTER_AUTHORIZATION_FAILED;
    }

    private Errors transactionalError(RequestContext context, InitProducerIdRequestData request) {
        String id = request.transactionalId();
        if (!authorizer.allows(context, AclOperation.WRITE, ResourceType.TRANSACTIONAL_ID, id)) {
            return Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
        }
        if (id.isEmpty()) {
            return Errors.INVALID_REQUEST;
        }
        return request.transactionTimeoutMs() < 1 || request.transactionTimeoutMs() > maxTransactionTimeoutMs
                ? Errors.INVALID_TRANSACTION_TIMEOUT
                : Errors.COORDINATOR_NOT_AVAILABLE;
    }

    private static InitProducerIdResponseData unavailable(Throwable failure) {
        return refused(
                failure instanceof ProducerIds.UnavailableException
                        ? Errors.COORDINATOR_LOAD_IN_PROGRESS
                        : Errors.UNKNOWN_SERVER_ERROR);
    }

    private static InitProducerIdResponseData refused(Errors error) {
        return new InitProducerIdResponseData()
                .setErrorCode(error.code())
                .setProducerId(-1)
                .setProducerEpoch((short) -1);
    }
}
