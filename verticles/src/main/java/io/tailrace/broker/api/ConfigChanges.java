// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.metadata.ConfigTarget;
import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerReply.ConfigOutcome;
import io.tailrace.cluster.metadata.ControllerReply.ConfigsAltered;
import io.tailrace.cluster.metadata.ControllerRequest.AlterConfigs;
import io.tailrace.cluster.metadata.ControllerRequest.ConfigAlteration;
import io.tailrace.cluster.metadata.ControllerRequest.ConfigChange;
import io.tailrace.cluster.metadata.Outcome;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.protocol.Errors;

/**
 * What the old and the new way to alter configurations have in common: each resource is allowed or refused on its own, the controller is
 * asked once for all that are allowed, and the answer has one outcome for each resource, in the order of the request.
 *
 * @param elsewhere what alters a resource that the controller keeps nothing for
 */
record ConfigChanges(ControllerClient controller, Permissions sender, Function<Resource, Outcome> elsewhere) {

    /** Alterations of configs have no time-out in the protocol; this is what the Java admin client waits for an answer. */
    private static final long TIMEOUT_MS = 30_000;

    /** A resource and what is to happen to it. */
    record Resource(byte typeId, String name, List<ConfigChange> changes) {

        ConfigResource.Type type() {
            return ConfigResource.Type.forId(typeId);
        }
    }

    /** One outcome for each resource, in order. */
    Future<List<Outcome>> apply(List<Resource> resources, boolean replace, boolean validateOnly) {
        Map<ConfigResource, Integer> counts = new HashMap<>();
        resources.forEach(resource -> counts.merge(identity(resource), 1, Integer::sum));
        List<Optional<Outcome>> settled = new ArrayList<>();
        List<ConfigAlteration> asked = new ArrayList<>();
        for (Resource resource : resources) {
            Optional<ConfigTarget> target = ConfigResources.target(resource.type(), resource.name());
            Optional<Outcome> refusal = refusal(resource, counts.getOrDefault(identity(resource), 0));
            if (refusal.isEmpty() && target.isEmpty()) {
                settled.add(Optional.of(elsewhere.apply(resource)));
            } else {
                settled.add(refusal);
                if (refusal.isEmpty()) {
                    asked.add(new ConfigAlteration(target.orElseThrow(), resource.changes()));
                }
            }
        }
        if (asked.isEmpty()) {
            return Future.succeededFuture(merge(settled, List.of()));
        }
        return controller
                .submit(new AlterConfigs(asked, replace, validateOnly), TIMEOUT_MS)
                .map(reply -> merge(settled, outcomes(asked, reply)));
    }

    private static ConfigResource identity(Resource resource) {
        return new ConfigResource(resource.type(), resource.name());
    }

    private Optional<Outcome> refusal(Resource resource, int count) {
        if (resource.type() == ConfigResource.Type.UNKNOWN) {
            return Optional.of(Outcome.refused(
                    Errors.INVALID_REQUEST, "Unexpected resource type with id " + resource.typeId() + "."));
        }
        Errors denial = ConfigResources.denial(sender, AclOperation.ALTER_CONFIGS, resource.type(), resource.name());
        if (denial != Errors.NONE) {
            return Optional.of(Answer.refused(denial));
        }
        return count > 1
                ? Optional.of(
                        Outcome.refused(Errors.INVALID_REQUEST, "Each resource must appear at most once in a request."))
                : Optional.empty();
    }

    private static List<Outcome> outcomes(List<ConfigAlteration> asked, ControllerReply reply) {
        return Answer.of(
                reply,
                ConfigsAltered.class,
                altered ->
                        altered.targets().stream().map(ConfigOutcome::outcome).toList(),
                refused -> asked.stream().map(any -> refused).toList());
    }

    private static List<Outcome> merge(List<Optional<Outcome>> settled, List<Outcome> asked) {
        List<Outcome> merged = new ArrayList<>(settled.size());
        int next = 0;
        for (Optional<Outcome> outcome : settled) {
            merged.add(outcome.isPresent() ? outcome.get() : asked.get(next++));
        }
        return merged;
    }
}
