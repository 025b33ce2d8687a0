// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.admin;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.requests.DescribeConfigsResponse;

/** The configuration of one kind of thing: topics or nodes. */
final class ConfigPages {

    private final KafkaApis apis;
    private final ConfigResource.Type type;

    ConfigPages(KafkaApis apis, ConfigResource.Type type) {
        this.apis = apis;
        this.type = type;
    }

    Future<JsonObject> describe(Ask ask) {
        DescribeConfigsRequestData request = new DescribeConfigsRequestData()
                .setIncludeDocumentation(true)
                .setResources(List.of(new DescribeConfigsResource()
                        .setResourceType(type.id())
                        .setResourceName(ask.name())
                        .setConfigurationKeys(null)));
        return apis.ask(ask.visitor(), 4, request, DescribeConfigsResponseData.class)
                .map(response -> {
                    var result = response.results().get(0);
                    AdminException.check(result.errorCode(), result.errorMessage());
                    JsonArray configs = new JsonArray();
                    result.configs().stream()
                            .sorted(Comparator.comparing(DescribeConfigsResourceResult::name))
                            .forEach(config -> configs.add(json(config)));
                    return new JsonObject().put("configs", configs);
                });
    }

    private static JsonObject json(DescribeConfigsResourceResult config) {
        return new JsonObject()
                .put("name", config.name())
                .put("value", config.value())
                .put("source", lower(DescribeConfigsResponse.ConfigSource.forId(config.configSource())))
                .put("readOnly", config.readOnly())
                .put("sensitive", config.isSensitive())
                .put("type", lower(DescribeConfigsResponse.ConfigType.forId(config.configType())))
                .put("documentation", config.documentation());
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Sets and resets. */
    Future<JsonObject> alter(Ask ask) {
        AlterConfigsResource resource =
                new AlterConfigsResource().setResourceType(type.id()).setResourceName(ask.name());
        JsonObject set = ask.field("set", JsonObject.class);
        if (set != null) {
            for (Map.Entry<String, Object> config : set) {
                resource.configs()
                        .add(change(config.getKey(), AlterConfigOp.OpType.SET)
                                .setValue(String.valueOf(config.getValue())));
            }
        }
        JsonArray reset = ask.field("reset", JsonArray.class);
        if (reset != null) {
            reset.forEach(name -> resource.configs().add(change(String.valueOf(name), AlterConfigOp.OpType.DELETE)));
        }
        if (resource.configs().isEmpty()) {
            throw AdminException.invalid("set or reset must name a configuration");
        }
        IncrementalAlterConfigsRequestData request = new IncrementalAlterConfigsRequestData();
        request.resources().add(resource);
        return apis.ask(ask.visitor(), 1, request, IncrementalAlterConfigsResponseData.class)
                .map(response -> {
                    var result = response.responses().get(0);
                    AdminException.check(result.errorCode(), result.errorMessage());
                    return new JsonObject();
                });
    }

    private static AlterableConfig change(String name, AlterConfigOp.OpType operation) {
        return new AlterableConfig()
                .setName(name)
                .setConfigOperation(operation.id())
                .setValue(null);
    }
}
