// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.cluster.metadata.MetadataView;
import io.vertx.core.Future;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * DescribeCluster (key 60, versions 0-2): the cluster's id, its controller and its nodes.
 *
 * <p>v1 says which kind of endpoint the client means to have reached (KIP-919); this one is a broker's. v2 can ask for fenced nodes too
 * (KIP-1073). Anybody may ask; authorised operations are told to whoever may describe the cluster.
 */
public final class DescribeClusterApi implements KafkaApi<DescribeClusterRequestData> {

    private static final byte BROKERS = 1;
    private static final byte CONTROLLERS = 2;

    private final MetadataView metadata;
    private final Authorizer authorizer;

    public DescribeClusterApi(MetadataView metadata, Authorizer authorizer) {
        this.metadata = metadata;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.DESCRIBE_CLUSTER;
    }

    @Override
    public Future<DescribeClusterResponseData> handle(RequestContext context, DescribeClusterRequestData request) {
        DescribeClusterResponseData response = new DescribeClusterResponseData();
        if (request.endpointType() != BROKERS) {
            Errors error = request.endpointType() == CONTROLLERS
                    ? Errors.MISMATCHED_ENDPOINT_TYPE
                    : Errors.UNSUPPORTED_ENDPOINT_TYPE;
            return Future.succeededFuture(response.setClusterId("")
                    .setErrorCode(error.code())
                    .setErrorMessage("This is an endpoint for the clients of brokers, not of kind "
                            + request.endpointType() + "."));
        }
        Reachable reachable = new Reachable(metadata.image(), context);
        response.setClusterId(reachable.image().clusterId()).setControllerId(reachable.controllerId());
        for (Reachable.Node node : reachable.nodes(request.includeFencedBrokers())) {
            response.brokers()
                    .add(new DescribeClusterBroker()
                            .setBrokerId(node.id())
                            .setHost(node.host())
                            .setPort(node.port())
                            .setRack(node.rack().orElse(null))
                            .setIsFenced(node.fenced()));
        }
        if (request.includeClusterAuthorizedOperations()) {
            Permissions sender = new Permissions(authorizer, context);
            boolean describes = sender.onCluster(AclOperation.DESCRIBE);
            response.setClusterAuthorizedOperations(describes ? sender.clusterOperations() : 0);
        }
        return Future.succeededFuture(response);
    }
}
