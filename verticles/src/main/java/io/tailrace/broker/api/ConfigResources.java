// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.cluster.metadata.ConfigTarget;
import java.util.Optional;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.protocol.Errors;

/** The kinds of resource that have configuration, and who may see or change it. */
final class ConfigResources {

    private ConfigResources() {}

    /** What the controller keeps for a kind of resource; empty for the kinds it keeps nothing for. */
    static Optional<ConfigTarget> target(ConfigResource.Type type, String name) {
        return switch (type) {
            case TOPIC -> Optional.of(ConfigTarget.topic(name));
            case BROKER -> Optional.of(new ConfigTarget(ConfigTarget.Kind.BROKER, name));
            case GROUP -> Optional.of(ConfigTarget.group(name));
            case CLIENT_METRICS -> Optional.of(new ConfigTarget(ConfigTarget.Kind.CLIENT_METRICS, name));
            case BROKER_LOGGER, UNKNOWN -> Optional.empty();
        };
    }

    /** NONE if the sender may do this ({@code DESCRIBE_CONFIGS} or {@code ALTER_CONFIGS}) with the resource. */
    static Errors denial(Permissions sender, AclOperation operation, ConfigResource.Type type, String name) {
        return switch (type) {
            case TOPIC -> sender.onTopic(operation, name) ? Errors.NONE : Errors.TOPIC_AUTHORIZATION_FAILED;
            case GROUP -> sender.onGroup(operation, name) ? Errors.NONE : Errors.GROUP_AUTHORIZATION_FAILED;
            case BROKER, BROKER_LOGGER, CLIENT_METRICS ->
                sender.onCluster(operation) ? Errors.NONE : Errors.CLUSTER_AUTHORIZATION_FAILED;
            case UNKNOWN -> Errors.INVALID_REQUEST;
        };
    }
}
