// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.metadata.ControllerRequest.ConfigChange;
import io.tailrace.cluster.metadata.ControllerRequest.ConfigOperation;
import io.tailrace.cluster.metadata.Outcome;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * IncrementalAlterConfigs (key 44, versions 0-1; KIP-339): sets and removes single keys, appends to lists and takes out of them.
 *
 * <p>All changes to one resource happen, or none. Loggers of this node are altered here, at once and until the process ends (KIP-412); all
 * else is the controller's.
 */
public final class IncrementalAlterConfigsApi implements KafkaApi<IncrementalAlterConfigsRequestData> {

    private final ControllerClient controller;
    private final Authorizer authorizer;
    private final int nodeId;
    private final LoggerLevels loggers;

    public IncrementalAlterConfigsApi(
            ControllerClient controller, Authorizer authorizer, int nodeId, LoggerLevels loggers) {
        this.controller = controller;
        this.authorizer = authorizer;
        this.nodeId = nodeId;
        this.loggers = loggers;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.INCREMENTAL_ALTER_CONFIGS;
    }

    @Override
    public Future<IncrementalAlterConfigsResponseData> handle(
            RequestContext context, IncrementalAlterConfigsRequestData request) {
        List<ConfigChanges.Resource> known = new ArrayList<>();
        List<Optional<Outcome>> malformed = new ArrayList<>();
        for (AlterConfigsResource resource : request.resources()) {
            Optional<Outcome> defect = operationDefect(resource);
            malformed.add(defect);
            if (defect.isEmpty()) {
                known.add(resource(resource));
            }
        }
        ConfigChanges changes = new ConfigChanges(
                controller,
                new Permissions(authorizer, context),
                resource -> alterLoggers(resource, request.validateOnly()));
        return changes.apply(known, false, request.validateOnly())
                .map(outcomes -> response(request, malformed, outcomes));
    }

    private static Optional<Outcome> operationDefect(AlterConfigsResource resource) {
        for (AlterableConfig config : resource.configs()) {
            if (OpType.forId(config.configOperation()) == null) {
                return Optional.of(Outcome.refused(
                        Errors.INVALID_REQUEST, "Unknown operation type with id " + config.configOperation() + "."));
            }
        }
        return Optional.empty();
    }

    private static ConfigChanges.Resource resource(AlterConfigsResource resource) {
        List<ConfigChange> changes = resource.configs().stream()
                .map(config -> new ConfigChange(
                        operation(config.configOperation()), config.name(), Optional.ofNullable(config.value())))
                .toList();
        return new ConfigChanges.Resource(resource.resourceType(), resource.resourceName(), changes);
    }

    private static ConfigOperation operation(byte id) {
        return switch (OpType.forId(id)) {
            case SET -> ConfigOperation.SET;
            case DELETE -> ConfigOperation.DELETE;
            case APPEND -> ConfigOperation.APPEND;
            case SUBTRACT -> ConfigOperation.SUBTRACT;
        };
    }

    private Outcome alterLoggers(ConfigChanges.Resource resource, boolean validateOnly) {
        if (!resource.name().equals(Integer.toString(nodeId))) {
            return Outcome.refused(
                    Errors.INVALID_REQUEST,
                    "Unexpected broker id, expected " + nodeId + " but received " + resource.name());
        }
        for (ConfigChange change : resource.changes()) {
            Outcome allowed = checkLogger(change);
            if (!allowed.isOk()) {
                return allowed;
            }
        }
        if (!validateOnly) {
            resource.changes().forEach(this::alterLogger);
        }
        return Outcome.ok();
    }

    private Outcome checkLogger(ConfigChange change) {
        return switch (change.operation()) {
            case SET -> loggers.checkSet(change.key(), change.value().orElse(""));
            case DELETE -> loggers.checkUnset(change.key());
            case APPEND, SUBTRACT ->
                Outcome.refused(
                        Errors.INVALID_REQUEST,
                        change.operation() + " operation is not allowed for the BROKER_LOGGER resource");
        };
    }

    private void alterLogger(ConfigChange change) {
        if (change.operation() == ConfigOperation.SET) {
            loggers.set(change.key(), change.value().orElse(""));
        } else {
            loggers.unset(change.key());
        }
    }

    private static IncrementalAlterConfigsResponseData response(
            IncrementalAlterConfigsRequestData request, List<Optional<Outcome>> malformed, List<Outcome> outcomes) {
        IncrementalAlterConfigsResponseData response = new IncrementalAlterConfigsResponseData();
        int position = 0;
        int next = 0;
        for (AlterConfigsResource resource : request.resources()) {
            Optional<Outcome> defect = malformed.get(position++);
            Outcome outcome = defect.isPresent() ? defect.get() : outcomes.get(next++);
            response.responses()
                    .add(new AlterConfigsResourceResponse()
                            .setResourceType(resource.resourceType())
                            .setResourceName(resource.resourceName())
                            .setErrorCode(outcome.error().code())
                            .setErrorMessage(Answer.message(outcome)));
        }
        return response;
    }
}
