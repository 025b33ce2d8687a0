// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import static io.tailrace.cluster.metadata.ControllerHarness.create;
import static io.tailrace.cluster.metadata.ControllerHarness.topic;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.metadata.ControllerEffect.Append;
import io.tailrace.cluster.metadata.ControllerEffect.Fail;
import io.tailrace.cluster.metadata.ControllerEffect.Publish;
import io.tailrace.cluster.metadata.ControllerEffect.Reply;
import io.tailrace.cluster.metadata.ControllerEffect.Resign;
import io.tailrace.cluster.metadata.ControllerEvent.AppendFailed;
import io.tailrace.cluster.metadata.ControllerEvent.Committed;
import io.tailrace.cluster.metadata.ControllerEvent.LeadershipChanged;
import io.tailrace.cluster.metadata.ControllerEvent.Restored;
import io.tailrace.cluster.metadata.ControllerReply.Refused;
import io.tailrace.cluster.metadata.ControllerReply.TopicsCreated;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** The order of decisions, log and answers; what is decided is tested kind by kind elsewhere. */
class ControllerTest {

    private final ControllerHarness harness = ControllerHarness.leading();

    private Errors refusal(long request) {
        return ((Refused) Objects.requireNonNull(harness.replies.get(request)))
                .outcome()
                .error();
    }

    private Errors created(long request) {
        return ((TopicsCreated) Objects.requireNonNull(harness.replies.get(request)))
                .topics()
                .get(0)
                .outcome()
                .error();
    }

    @Test
    void formsTheClusterWithTheFirstEntry() {
        assertThat(harness.published().clusterId()).isEqualTo(ControllerHarness.CLUSTER);
        assertThat(harness.published().features()).containsEntry("metadata.version", (short) 29);
        assertThat(harness.published().controllerId()).isEqualTo(ControllerHarness.NODE);
    }

    @Test
    void answersOnlyAfterTheCommitAndAfterTheImage() {
        long request = harness.submit(create(topic("t", 1, 1)));
        assertThat(harness.replies).doesNotContainKey(request);
        assertThat(harness.published().topics()).isEmpty();

        harness.effects.clear();
        harness.commitOne();
        assertThat(harness.effects.stream().map(Object::getClass).toList())
                .isEqualTo(List.of(Publish.class, Reply.class));
        assertThat(created(request)).isEqualTo(Errors.NONE);
    }

    @Test
    void checksARequestAgainstWhatIsDecidedAndNotYetCommitted() {
        long first = harness.submit(create(topic("t", 1, 1)));
        long second = harness.submit(create(topic("t", 1, 1)));
        assertThat(harness.replies).doesNotContainKeys(first, second);

        harness.commitAll();
        assertThat(created(first)).isEqualTo(Errors.NONE);
        assertThat(created(second)).isEqualTo(Errors.TOPIC_ALREADY_EXISTS);
    }

    @Test
    void holdsARefusalUntilWhatItRestsOnIsCommitted() {
        harness.submit(create(topic("t", 1, 1)));
        long refused = harness.submit(create(topic("t", 1, 1)));
        assertThat(harness.replies).doesNotContainKey(refused);
        harness.commitOne();
        assertThat(created(refused)).isEqualTo(Errors.TOPIC_ALREADY_EXISTS);
    }

    @Test
    void putsEverythingThatGatheredIntoTheNextEntry() {
        harness.submit(create(topic("first", 1, 1)));
        for (int i = 0; i < 50; i++) {
            harness.submit(create(topic("t" + i, 1, 1)));
        }
        int before = harness.log.size();
        harness.commitAll();
        assertThat(harness.log.size() - before).isEqualTo(2);
        assertThat(harness.published().topics()).hasSize(51);
    }

    @Test
    void refusesEverybodyWhoWaitsWhenItLosesTheLog() {
        long first = harness.submit(create(topic("a", 1, 1)));
        long second = harness.submit(create(topic("b", 1, 1)));
        harness.step(new LeadershipChanged(2, 2));
        assertThat(refusal(first)).isEqualTo(Errors.NOT_CONTROLLER);
        assertThat(refusal(second)).isEqualTo(Errors.NOT_CONTROLLER);
        assertThat(refusal(harness.submit(create(topic("c", 1, 1))))).isEqualTo(Errors.NOT_CONTROLLER);
        assertThat(harness.published().controllerId()).isEqualTo(2);
    }

    @Test
    void forgetsWhatItDecidedWhenItLosesTheLog() {
        harness.submit(create(topic("a.b", 1, 1)));
        harness.loseUnderWay();
        harness.step(new LeadershipChanged(2, 2));
        harness.step(new LeadershipChanged(3, ControllerHarness.NODE));
        var reply = (TopicsCreated) harness.ask(create(topic("a_b", 1, 1)));
        assertThat(reply.topics().get(0).outcome()).isEqualTo(Outcome.ok());
        assertThat(harness.published().topics()).containsOnlyKeys("a_b");
    }

    @Test
    void resignsAndDecidesNothingAfterAFailedAppend() {
        long request = harness.submit(create(topic("t", 1, 1)));
        List<ControllerEffect> effects = harness.step(new AppendFailed("disk"));
        assertThat(refusal(request)).isEqualTo(Errors.NOT_CONTROLLER);
        assertThat(effects).contains(new Resign("disk"));
        assertThat(refusal(harness.submit(create(topic("u", 1, 1))))).isEqualTo(Errors.NOT_CONTROLLER);
    }

    @Test
    void appliesWhatAnotherLeaderWrote() {
        ControllerHarness follower = new ControllerHarness(ControllerHarness.config(), ConfigPolicy.permissive());
        harness.created("t", 2, 1);
        for (int i = 0; i < harness.log.size(); i++) {
            follower.step(new Committed(new LogPosition(1, i), harness.log.get(i)));
        }
        follower.step(new LeadershipChanged(1, ControllerHarness.NODE));
        assertThat(follower.published()).isEqualTo(harness.published());
        assertThat(follower.effects).noneMatch(Append.class::isInstance);
    }

    @Test
    void failsOnAnEntryThatItCannotRead() {
        ControllerHarness follower = new ControllerHarness(ControllerHarness.config(), ConfigPolicy.permissive());
        assertThat(follower.step(new Committed(new LogPosition(1, 0), new byte[] {1, 99, 0, 0})))
                .singleElement()
                .isInstanceOf(Fail.class);
        assertThat(follower.step(new Committed(new LogPosition(1, 1), new byte[] {1})))
                .isEmpty();
    }

    @Test
    void failsWhenTheLogBelongsToAnotherCluster() {
        ControllerConfig other = new ControllerConfig(
                ControllerHarness.NODE,
                "other",
                ControllerHarness.config().topics(),
                ControllerHarness.config().features());
        ControllerHarness stranger = new ControllerHarness(other, ConfigPolicy.permissive());
        stranger.step(new Restored(new LogPosition(1, 5), ImageSnapshot.encode(harness.published())));
        assertThat(stranger.step(new LeadershipChanged(2, ControllerHarness.NODE)))
                .last()
                .isInstanceOf(Fail.class);
    }

    @Test
    void goesOnFromASnapshot() {
        harness.created("t", 2, 1);
        ControllerHarness restarted = new ControllerHarness(ControllerHarness.config(), ConfigPolicy.permissive());
        restarted.step(new Restored(new LogPosition(1, 5), ImageSnapshot.encode(harness.published())));
        restarted.step(new LeadershipChanged(2, ControllerHarness.NODE));
        assertThat(restarted.published()).isEqualTo(harness.published());
        long again = restarted.submit(create(topic("t", 1, 1)));
        assertThat(((TopicsCreated) Objects.requireNonNull(restarted.replies.get(again)))
                        .topics()
                        .get(0)
                        .outcome()
                        .error())
                .isEqualTo(Errors.TOPIC_ALREADY_EXISTS);
    }
}
