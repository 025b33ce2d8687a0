// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.cluster.metadata.BrokerImage.Endpoint;
import io.tailrace.cluster.metadata.ConfigTarget;
import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerReply.AlteredPartition;
import io.tailrace.cluster.metadata.ControllerReply.PartitionsAltered;
import io.tailrace.cluster.metadata.ControllerReply.TopicsCreated;
import io.tailrace.cluster.metadata.ControllerRequest;
import io.tailrace.cluster.metadata.ControllerRequest.AlterConfigs;
import io.tailrace.cluster.metadata.ControllerRequest.AlterReassignments;
import io.tailrace.cluster.metadata.ControllerRequest.ConfigAlteration;
import io.tailrace.cluster.metadata.ControllerRequest.ConfigChange;
import io.tailrace.cluster.metadata.ControllerRequest.ConfigOperation;
import io.tailrace.cluster.metadata.ControllerRequest.CreateTopics;
import io.tailrace.cluster.metadata.ControllerRequest.FeatureUpdate;
import io.tailrace.cluster.metadata.ControllerRequest.NewTopic;
import io.tailrace.cluster.metadata.ControllerRequest.Reassignment;
import io.tailrace.cluster.metadata.ControllerRequest.RegisterBroker;
import io.tailrace.cluster.metadata.ControllerRequest.UpdateFeatures;
import io.tailrace.cluster.metadata.Outcome;
import io.tailrace.cluster.metadata.PartitionImage;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

class RecordWireTest {

    sealed interface Old {}

    sealed interface New {}

    /** As an older program has it. */
    static final class Older {
        record Thing(int a, String b) implements Old {}
    }

    /** As a newer program has it. */
    static final class Newer {
        record Thing(int a, String b, long c, Optional<String> d, List<Integer> e) implements New {}
    }

    private static final List<ControllerRequest> REQUESTS = List.of(
            new CreateTopics(
                    List.of(new NewTopic(
                            "t",
                            3,
                            -1,
                            new TreeMap<>(Map.of(0, List.of(1, 2), 1, List.of(2, 1))),
                            Map.of("k", Optional.of("v"), "none", Optional.empty()))),
                    true),
            new AlterConfigs(
                    List.of(new ConfigAlteration(
                            ConfigTarget.topic("é"),
                            List.of(new ConfigChange(ConfigOperation.DELETE, "key", Optional.empty())))),
                    false,
                    true),
            new UpdateFeatures(List.of(new FeatureUpdate("f", (short) 7, ControllerRequest.Downgrade.UNSAFE)), false),
            new AlterReassignments(
                    List.of(new Reassignment(new TopicPartition("t", 4), Optional.of(List.of(3, 1)))), true),
            new RegisterBroker(
                    1,
                    new Uuid(1, 2),
                    "c",
                    List.of(new Endpoint("PLAIN", "PLAINTEXT", "h", 9092)),
                    Optional.of("rack"),
                    77));

    private static <T> T again(Class<T> type, T value) {
        Buffer bytes = Buffer.buffer();
        RecordWire.write(type, value, bytes);
        return RecordWire.read(type, bytes, 0);
    }

    @Test
    void bringsRequestsAndRepliesAcrossAsTheyWere() {
        for (ControllerRequest request : REQUESTS) {
            assertThat(again(ControllerRequest.class, request)).isEqualTo(request);
        }
        ControllerReply altered = new PartitionsAltered(
                Outcome.ok(),
                List.of(new AlteredPartition(
                        new Uuid(3, 4),
                        1,
                        Outcome.refused(Errors.FENCED_LEADER_EPOCH, "old"),
                        Optional.of(PartitionImage.created(1, List.of(2, 3))))));
        assertThat(again(ControllerReply.class, altered)).isEqualTo(altered);
        ControllerReply created = new TopicsCreated(List.of());
        assertThat(again(ControllerReply.class, created)).isEqualTo(created);
    }

    @Test
    void readsARecordThatHasGrownOrHasNotYet() {
        Buffer newer = Buffer.buffer();
        RecordWire.write(New.class, new Newer.Thing(5, "five", 6, Optional.of("x"), List.of(7)), newer);
        assertThat(RecordWire.read(Old.class, newer, 0)).isEqualTo(new Older.Thing(5, "five"));
        Buffer older = Buffer.buffer();
        RecordWire.write(Old.class, new Older.Thing(5, "five"), older);
        assertThat(RecordWire.read(New.class, older, 0))
                .isEqualTo(new Newer.Thing(5, "five", 0, Optional.empty(), List.of()));
    }

    @Test
    void refusesDamageWithoutMakingRoomForIt() {
        Random random = new Random(11);
        for (ControllerRequest request : REQUESTS) {
            Buffer bytes = Buffer.buffer();
            RecordWire.write(ControllerRequest.class, request, bytes);
            for (int i = 0; i < 500; i++) {
                Buffer damaged = bytes.copy().setByte(random.nextInt(bytes.length()), (byte) random.nextInt());
                try {
                    assertThat(RecordWire.read(ControllerRequest.class, damaged, 0))
                            .isNotNull();
                } catch (IllegalArgumentException refused) {
                    assertThat(refused.getMessage()).isNotEmpty();
                }
            }
        }
    }

    @Test
    void makesNothingThatTheSealedTypeDoesNotPermit() {
        Buffer bytes = Buffer.buffer();
        RecordWire.write(Old.class, new Older.Thing(1, "x"), bytes);
        assertThatThrownBy(() -> RecordWire.read(ControllerRequest.class, bytes, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no ControllerRequest named Thing");
    }
}
