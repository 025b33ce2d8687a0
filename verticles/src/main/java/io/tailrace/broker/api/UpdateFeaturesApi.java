// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.metadata.ControllerReply.FeatureOutcome;
import io.tailrace.cluster.metadata.ControllerReply.FeaturesUpdated;
import io.tailrace.cluster.metadata.ControllerRequest.Downgrade;
import io.tailrace.cluster.metadata.ControllerRequest.FeatureUpdate;
import io.tailrace.cluster.metadata.ControllerRequest.UpdateFeatures;
import io.tailrace.cluster.metadata.Outcome;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.UpdateFeaturesRequestData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData.FeatureUpdateKey;
import org.apache.kafka.common.message.UpdateFeaturesResponseData;
import org.apache.kafka.common.message.UpdateFeaturesResponseData.UpdatableFeatureResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * UpdateFeatures (key 57, versions 0-2; KIP-584): raises or lowers the levels of the cluster's features, all or none.
 *
 * <p>v0 has a flag for downgrades and no dry run; v1 says how safe a downgrade must be; v2 (KIP-1022) tells one outcome for all, of which the
 * text names the feature that is to blame.
 */
public final class UpdateFeaturesApi implements KafkaApi<UpdateFeaturesRequestData> {

    private final ControllerClient controller;
    private final Authorizer authorizer;

    public UpdateFeaturesApi(ControllerClient controller, Authorizer authorizer) {
        this.controller = controller;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.UPDATE_FEATURES;
    }

    @Override
    public Future<UpdateFeaturesResponseData> handle(RequestContext context, UpdateFeaturesRequestData request) {
        if (!new Permissions(authorizer, context).onCluster(AclOperation.ALTER)) {
            return Future.succeededFuture(refused(Answer.refused(Errors.CLUSTER_AUTHORIZATION_FAILED)));
        }
        short version = context.apiVersion();
        for (FeatureUpdateKey update : request.featureUpdates()) {
            if (version > 0 && UpgradeType.fromCode(update.upgradeType()) == UpgradeType.UNKNOWN) {
                return Future.succeededFuture(refused(Outcome.refused(
                        Errors.INVALID_UPDATE_VERSION,
                        "Unknown type " + update.upgradeType() + " of the update of " + update.feature() + ".")));
            }
        }
        List<FeatureUpdate> updates = request.featureUpdates().stream()
                .map(update ->
                        new FeatureUpdate(update.feature(), update.maxVersionLevel(), downgrade(update, version)))
                .toList();
        return controller
                .submit(new UpdateFeatures(updates, request.validateOnly()), Answer.timeoutMs(request.timeoutMs()))
                .map(reply -> Answer.of(
                        reply,
                        FeaturesUpdated.class,
                        done -> response(updates, done, version),
                        UpdateFeaturesApi::refused));
    }

    private static Downgrade downgrade(FeatureUpdateKey update, short version) {
        if (version == 0) {
            return update.allowDowngrade() ? Downgrade.SAFE : Downgrade.NOT_ALLOWED;
        }
        return switch (UpgradeType.fromCode(update.upgradeType())) {
            case SAFE_DOWNGRADE -> Downgrade.SAFE;
            case UNSAFE_DOWNGRADE -> Downgrade.UNSAFE;
            case UPGRADE, UNKNOWN -> Downgrade.NOT_ALLOWED;
        };
    }

    private static UpdateFeaturesResponseData response(
            List<FeatureUpdate> updates, FeaturesUpdated done, short version) {
        Optional<FeatureOutcome> culprit = done.features().stream()
                .filter(feature -> !feature.outcome().isOk())
                .findFirst();
        UpdateFeaturesResponseData response = new UpdateFeaturesResponseData()
                .setErrorCode(done.outcome().error().code())
                .setErrorMessage(Answer.message(done.outcome()));
        if (version >= 2) {
            culprit.ifPresent(feature -> response.setErrorCode(
                            feature.outcome().error().code())
                    .setErrorMessage("The update failed for all features since the following feature had an error: "
                            + Answer.message(feature.outcome())));
            return response;
        }
        if (culprit.isPresent() || done.outcome().isOk()) {
            // Before v2 the features carry the errors, and the response as a whole is fine.
            response.setErrorCode(Errors.NONE.code()).setErrorMessage(null);
            for (FeatureUpdate update : updates) {
                Outcome outcome = done.features().stream()
                        .filter(feature -> feature.feature().equals(update.feature()))
                        .map(FeatureOutcome::outcome)
                        .findFirst()
                        .orElse(done.outcome());
                response.results()
                        .add(new UpdatableFeatureResult()
                                .setFeature(update.feature())
                                .setErrorCode(outcome.error().code())
                                .setErrorMessage(Answer.message(outcome)));
            }
        }
        return response;
    }

    private static UpdateFeaturesResponseData refused(Outcome outcome) {
        return new UpdateFeaturesResponseData()
                .setErrorCode(outcome.error().code())
                .setErrorMessage(Answer.message(outcome));
    }
}
