// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import io.tailrace.cluster.metadata.ControllerConfig.FeatureLevels;
import io.tailrace.cluster.metadata.ControllerReply.FeatureOutcome;
import io.tailrace.cluster.metadata.ControllerReply.FeaturesUpdated;
import io.tailrace.cluster.metadata.ControllerRequest.Downgrade;
import io.tailrace.cluster.metadata.ControllerRequest.FeatureUpdate;
import io.tailrace.cluster.metadata.ControllerRequest.UpdateFeatures;
import io.tailrace.cluster.metadata.MetadataRecord.FeatureChanged;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.protocol.Errors;

/** Decides UpdateFeatures: all levels change, or none (KIP-584, KIP-1022). */
final class FeatureChanges {

    private final Map<String, FeatureLevels> supported;

    FeatureChanges(ControllerConfig config) {
        supported = config.features();
    }

    /** What a new cluster starts with. */
    List<FeatureChanged> initial() {
        List<FeatureChanged> records = new ArrayList<>();
        new TreeMap<>(supported).forEach((feature, levels) -> {
            if (levels.initial() > 0) {
                records.add(new FeatureChanged(feature, levels.initial()));
            }
        });
        return records;
    }

    ControllerReply decide(UpdateFeatures request, Draft draft) {
        List<FeatureOutcome> outcomes = new ArrayList<>();
        List<FeatureChanged> changes = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        Outcome overall = Outcome.ok();
        for (FeatureUpdate update : request.updates()) {
            short now = draft.image().features().getOrDefault(update.feature(), (short) 0);
            Outcome outcome = seen.add(update.feature())
                    ? check(update, now)
                    : Outcome.refused(Errors.INVALID_REQUEST, "Feature " + update.feature() + " is named twice.");
            outcomes.add(new FeatureOutcome(update.feature(), outcome));
            if (!outcome.isOk()) {
                overall = overall.isOk() ? outcome : overall;
            } else if (update.level() != now) {
                changes.add(new FeatureChanged(update.feature(), update.level()));
            }
        }
        return new FeaturesUpdated(overall.isOk() ? draft.emit(changes) : overall, outcomes);
    }

    private Outcome check(FeatureUpdate update, short now) {
        FeatureLevels levels = supported.get(update.feature());
        if (levels == null) {
            return invalid("This cluster does not know the feature " + update.feature() + ".");
        }
        boolean inRange = update.level() >= levels.lowest() && update.level() <= levels.highest();
        if (!inRange && update.level() != 0) {
            return invalid("Feature " + update.feature() + " can be at " + levels.lowest() + " to " + levels.highest()
                    + ", not at " + update.level() + ".");
        }
        if (update.level() == 0 && levels.lowest() > 0) {
            return invalid("Feature " + update.feature() + " cannot be switched off.");
        }
        if (update.level() < now && update.downgrade() == Downgrade.NOT_ALLOWED) {
            return invalid("Feature " + update.feature() + " is at " + now + "; to lower it to " + update.level()
                    + " takes a request that allows downgrades.");
        }
        return Outcome.ok();
    }

    private static Outcome invalid(String message) {
        return Outcome.refused(Errors.INVALID_UPDATE_VERSION, message);
    }
}
