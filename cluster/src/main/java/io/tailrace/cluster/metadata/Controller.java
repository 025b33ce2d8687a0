// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import io.tailrace.cluster.machine.Machine;
import io.tailrace.cluster.metadata.ControllerEffect.Append;
import io.tailrace.cluster.metadata.ControllerEffect.Fail;
import io.tailrace.cluster.metadata.ControllerEffect.Publish;
import io.tailrace.cluster.metadata.ControllerEffect.Reply;
import io.tailrace.cluster.metadata.ControllerEffect.Resign;
import io.tailrace.cluster.metadata.ControllerEvent.AppendFailed;
import io.tailrace.cluster.metadata.ControllerEvent.Committed;
import io.tailrace.cluster.metadata.ControllerEvent.LeadershipChanged;
import io.tailrace.cluster.metadata.ControllerEvent.Restored;
import io.tailrace.cluster.metadata.ControllerEvent.Submitted;
import io.tailrace.cluster.metadata.ControllerEvent.Suspected;
import io.tailrace.cluster.metadata.ControllerEvent.Ticked;
import io.tailrace.cluster.metadata.ControllerReply.Refused;
import io.tailrace.cluster.metadata.MetadataRecord.ClusterFormed;
import io.tailrace.cluster.metadata.Outbox.Answer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/**
 * The controller: decides what the cluster's metadata becomes, and keeps the image of it. One runs on every node; the one on the node that
 * leads the metadata log decides, the others follow the log.
 *
 * <p><b>Two images.</b> The <em>committed</em> image is what the log says, and all that anybody is shown. The <em>drafted</em> image is the
 * committed one with everything decided since. Each request is checked against the drafted image, so a second request for the same topic
 * meets the first, whether or not that is on disk yet. Images share their structure, so a draft costs what it changes.
 *
 * <p><b>One entry at a time.</b> What is decided goes to the {@link Outbox}, in order. One entry is with the log at any time; when it is
 * committed, all that gathered meanwhile makes the next one: a group commit. So the log never holds a later decision without the earlier
 * one, which several entries under way could not promise, as a Raft library may reject one and take the next.
 *
 * <p><b>Answers wait.</b> A reply stands in the outbox behind everything decided before it, a refusal too: "exists already" may be said
 * only when it is so on disk. It leaves in the step that sees the last of these entries committed, after the image that holds them.
 *
 * <p><b>Leadership lost, append failed.</b> The outbox is emptied, each waiting request is told NOT_CONTROLLER (the change under way may yet
 * be committed, as with Kafka), and the draft goes back to the committed image. After a failed append nothing is decided before another
 * election, for only that settles whether the entry is in the log.
 *
 * <pre>
 * state      | Submitted         | Committed                         | LeadershipChanged to us      | ... to another | AppendFailed
 * following  | NOT_CONTROLLER    | apply, publish                    | leading; publish; form       | publish        | -
 * leading    | decide, append    | apply, publish, reply, append     | publish                      | following      | following, resign
 * failed     | NOT_CONTROLLER    | -                                 | -                            | -              | -
 * </pre>
 *
 * <p>Time is the host's and must be monotonic: only differences are looked at, for the sessions of nodes ({@link Sessions}).
 */
public final class Controller implements Machine<ControllerEvent, ControllerEffect> {

    /** Decided and not yet committed, in bytes; above it requests are turned away. */
    static final int OUTBOX_BYTES_MAX = 64 << 20;

    private static final int NOBODY = -1;

    private enum State {
        FOLLOWING,
        LEADING,
        FAILED
    }

    private final ControllerConfig config;
    private final Decisions decisions;
    private final Outbox outbox = new Outbox();
    private State state = State.FOLLOWING;
    private long term;
    private LogPosition position = LogPosition.START;
    private ClusterImage committed = ClusterImage.empty("");
    private ClusterImage drafted = committed;

    public Controller(ControllerConfig config, ConfigPolicy policy) {
        this.config = config;
        this.decisions = new Decisions(config, policy);
    }

    @Override
    public List<ControllerEffect> step(ControllerEvent event, long nowMs) {
        List<ControllerEffect> effects = new ArrayList<>();
        try {
            switch (event) {
                case Submitted it -> submitted(it, nowMs, effects);
                case Ticked it -> ticked(nowMs, effects);
                case Suspected it -> decisions.suspect(it.nodeId(), nowMs);
                case ControllerEvent.Refused it -> decisions.refused(it.nodeId(), nowMs);
                case LeadershipChanged it -> leadershipChanged(it, nowMs, effects);
                case Committed it -> committed(it, effects);
                case Restored it -> restored(it, effects);
                case AppendFailed it -> appendFailed(it, effects);
            }
        } catch (MetadataFormatException e) {
            fail("The metadata log cannot be read: " + e.getMessage(), effects);
        }
        return effects;
    }

    /** What the log says, as far as it was applied. */
    ClusterImage image() {
        return committed;
    }

    private void submitted(Submitted it, long nowMs, List<ControllerEffect> effects) {
        if (state != State.LEADING) {
            refuse(it.requestId(), Errors.NOT_CONTROLLER, "This node does not lead the metadata log.", effects);
            return;
        }
        if (outbox.bytes() > OUTBOX_BYTES_MAX) {
            refuse(
                    it.requestId(),
                    Errors.THROTTLING_QUOTA_EXCEEDED,
                    "Too many metadata changes are waiting to be written; try again later.",
                    effects);
            return;
        }
        Draft draft = new Draft(drafted);
        ControllerReply reply = decisions.decide(it.request(), it.seed(), nowMs, draft);
        if (!Decisions.isDryRun(it.request())) {
            drafted = draft.image();
            outbox.add(draft.units());
        }
        outbox.add(new Answer(it.requestId(), reply));
        flush(effects);
    }

    private void ticked(long nowMs, List<ControllerEffect> effects) {
        if (state != State.LEADING || outbox.bytes() > OUTBOX_BYTES_MAX) {
            return;
        }
        Draft draft = new Draft(drafted);
        decisions.tick(nowMs, draft);
        drafted = draft.image();
        outbox.add(draft.units());
        flush(effects);
    }

    private void leadershipChanged(LeadershipChanged it, long nowMs, List<ControllerEffect> effects) {
        if (state == State.FAILED) {
            return;
        }
        boolean lead = it.leaderId() == config.nodeId();
        if (!lead) {
            abandon("Another node has come to lead the metadata log.", effects);
        }
        publish(committed.withController(it.leaderId()), effects);
        if (lead && state == State.FOLLOWING) {
            state = State.LEADING;
            term = it.term();
            discardDraft();
            decisions.begin(committed, nowMs);
            form(effects);
        }
    }

    /** The first leader of a new log writes down what the cluster is; a later one checks it. */
    private void form(List<ControllerEffect> effects) {
        if (committed.version() > 0) {
            if (!committed.clusterId().equals(config.clusterId())) {
                fail(
                        "The metadata log belongs to cluster " + committed.clusterId() + ", this node to cluster "
                                + config.clusterId() + ".",
                        effects);
            }
            return;
        }
        List<MetadataRecord> records = new ArrayList<>();
        records.add(new ClusterFormed(config.clusterId()));
        records.addAll(decisions.initialFeatures());
        Draft draft = new Draft(drafted);
        Outcome outcome = draft.emit(records);
        if (!outcome.isOk()) {
            throw new IllegalStateException("the first records of a cluster are few and short: " + outcome);
        }
        drafted = draft.image();
        outbox.add(draft.units());
        flush(effects);
    }

    private void committed(Committed it, List<ControllerEffect> effects) {
        if (state == State.FAILED) {
            return;
        }
        if (it.position().index() <= position.index()) {
            throw new IllegalStateException("entry " + it.position() + " is committed after " + position);
        }
        if (state == State.LEADING && it.position().term() > term) {
            abandon("Another node has come to lead the metadata log.", effects);
        }
        if (state == State.LEADING && !outbox.isUnderWay(it.entry())) {
            fail("Entry " + it.position() + " was written by somebody else while this node leads.", effects);
            return;
        }
        position = it.position();
        publish(ImageBuilder.apply(committed, MetadataRecordCodec.decodeEntry(it.entry())), effects);
        if (state == State.LEADING) {
            reply(outbox.settled(), effects);
            flush(effects);
        } else {
            drafted = committed;
        }
    }

    private void restored(Restored it, List<ControllerEffect> effects) {
        if (state == State.FAILED) {
            return;
        }
        position = it.position();
        publish(ImageSnapshot.decode(it.snapshot()).withController(committed.controllerId()), effects);
        discardDraft();
    }

    private void appendFailed(AppendFailed it, List<ControllerEffect> effects) {
        if (state == State.LEADING) {
            abandon("The change could not be written to the metadata log: " + it.reason(), effects);
            publish(committed.withController(NOBODY), effects);
            effects.add(new Resign(it.reason()));
        }
    }

    private void flush(List<ControllerEffect> effects) {
        if (outbox.isIdle()) {
            reply(outbox.answersInFront(), effects);
            outbox.nextEntry().ifPresent(entry -> effects.add(new Append(entry)));
        }
    }

    private void publish(ClusterImage image, List<ControllerEffect> effects) {
        committed = image;
        effects.add(new Publish(position, image));
    }

    private void reply(List<Answer> answers, List<ControllerEffect> effects) {
        for (Answer answer : answers) {
            effects.add(new Reply(answer.requestId(), answer.reply(), committed.version()));
        }
    }

    private void refuse(long requestId, Errors error, String message, List<ControllerEffect> effects) {
        effects.add(new Reply(requestId, new Refused(Outcome.refused(error, message)), committed.version()));
    }

    private void abandon(String why, List<ControllerEffect> effects) {
        for (Answer answer : outbox.clear()) {
            refuse(answer.requestId(), Errors.NOT_CONTROLLER, why, effects);
        }
        if (state == State.LEADING) {
            state = State.FOLLOWING;
        }
        discardDraft();
    }

    private void discardDraft() {
        drafted = committed;
        decisions.reset(committed);
    }

    private void fail(String reason, List<ControllerEffect> effects) {
        abandon(reason, effects);
        state = State.FAILED;
        effects.add(new Fail(reason));
    }
}
