// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.metadata.ControllerRequest.ConfigChange;
import io.tailrace.cluster.metadata.ControllerRequest.ConfigOperation;
import io.tailrace.cluster.metadata.Outcome;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.AlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * AlterConfigs (key 33, versions 0-2): the old way, which sets a resource's whole configuration; what is not in the request falls back to its
 * default. The Java client has dropped it; kafkajs, Sarama and librdkafka still send it. Loggers cannot be altered this way, as in Kafka.
 */
public final class AlterConfigsApi implements KafkaApi<AlterConfigsRequestData> {

    private final ControllerClient controller;
    private final Authorizer authorizer;

    public AlterConfigsApi(ControllerClient controller, Authorizer authorizer) {
        this.controller = controller;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.ALTER_CONFIGS;
    }

    @Override
    public Future<AlterConfigsResponseData> handle(RequestContext context, AlterConfigsRequestData request) {
        List<ConfigChanges.Resource> resources =
                request.resources().stream().map(AlterConfigsApi::resource).toList();
        ConfigChanges changes =
                new ConfigChanges(controller, new Permissions(authorizer, context), AlterConfigsApi::unsupported);
        return changes.apply(resources, true, request.validateOnly()).map(outcomes -> response(resources, outcomes));
    }

    private static ConfigChanges.Resource resource(AlterConfigsResource resource) {
        List<ConfigChange> changes = resource.configs().stream()
                .map(config ->
                        new ConfigChange(ConfigOperation.SET, config.name(), Optional.ofNullable(config.value())))
                .toList();
        return new ConfigChanges.Resource(resource.resourceType(), resource.resourceName(), changes);
    }

    private static Outcome unsupported(ConfigChanges.Resource resource) {
        return Outcome.refused(Errors.INVALID_REQUEST, "Unexpected resource type " + resource.type() + ".");
    }

    private static AlterConfigsResponseData response(List<ConfigChanges.Resource> resources, List<Outcome> outcomes) {
        AlterConfigsResponseData response = new AlterConfigsResponseData();
        for (int i = 0; i < resources.size(); i++) {
            response.responses()
                    .add(new AlterConfigsResourceResponse()
                            .setResourceType(resources.get(i).typeId())
                            .setResourceName(resources.get(i).name())
                            .setErrorCode(outcomes.get(i).error().code())
                            .setErrorMessage(Answer.message(outcomes.get(i))));
        }
        return response;
    }
}
