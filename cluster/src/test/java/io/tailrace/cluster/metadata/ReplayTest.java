// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import static io.tailrace.cluster.metadata.ControllerHarness.create;
import static io.tailrace.cluster.metadata.ControllerHarness.topic;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.metadata.ControllerRequest.AllocateProducerIds;
import io.tailrace.cluster.metadata.ControllerRequest.AlterConfigs;
import io.tailrace.cluster.metadata.ControllerRequest.ConfigAlteration;
import io.tailrace.cluster.metadata.ControllerRequest.ConfigChange;
import io.tailrace.cluster.metadata.ControllerRequest.ConfigOperation;
import io.tailrace.cluster.metadata.ControllerRequest.CreatePartitions;
import io.tailrace.cluster.metadata.ControllerRequest.DeleteTopics;
import io.tailrace.cluster.metadata.ControllerRequest.ElectLeaders;
import io.tailrace.cluster.metadata.ControllerRequest.FenceBroker;
import io.tailrace.cluster.metadata.ControllerRequest.MorePartitions;
import io.tailrace.cluster.metadata.ControllerRequest.TopicRef;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Whatever happens, the image of the log is the image that was shown, and a snapshot is the image that it was taken of. */
class ReplayTest {

    @Test
    void replayAndSnapshotEqualTheLiveImage() {
        for (long seed = 1; seed <= 40; seed++) {
            ControllerHarness live = ControllerHarness.leading().withNodes("a", "b", "c");
            Random random = new Random(seed);
            for (int i = 0; i < 150; i++) {
                live.submit(request(random, live.published()));
                if (random.nextInt(3) == 0) {
                    live.commitOne();
                }
                checkInvariants(live.published(), seed);
            }
            live.commitAll();

            ClusterImage replayed = ClusterImage.empty("");
            for (byte[] entry : live.log) {
                replayed = ImageBuilder.apply(replayed, MetadataRecordCodec.decodeEntry(entry));
            }
            ClusterImage shown = live.published();
            assertThat(replayed.withController(shown.controllerId()))
                    .as("seed %d", seed)
                    .isEqualTo(shown);

            ClusterImage restored = ImageSnapshot.decode(ImageSnapshot.encode(shown));
            assertThat(restored.withController(shown.controllerId()))
                    .as("seed %d", seed)
                    .isEqualTo(shown);
            assertThat(ImageSnapshot.encode(restored)).isEqualTo(ImageSnapshot.encode(replayed));
        }
    }

    private static ControllerRequest request(Random random, ClusterImage image) {
        String name = "t" + random.nextInt(8);
        int node = 1 + random.nextInt(4);
        long epoch = Optional.ofNullable(image.brokers().get(node))
                .map(BrokerImage::epoch)
                .orElse(-1L);
        return switch (random.nextInt(9)) {
            case 0, 1 -> create(topic(name, 1 + random.nextInt(6), 1 + random.nextInt(4)));
            case 2 -> new DeleteTopics(List.of(TopicRef.named(name)));
            case 3 ->
                new CreatePartitions(
                        List.of(new MorePartitions(name, 1 + random.nextInt(10), Optional.empty())),
                        random.nextBoolean());
            case 4 ->
                new AlterConfigs(
                        List.of(new ConfigAlteration(
                                random.nextBoolean() ? ConfigTarget.topic(name) : ConfigTarget.group(name),
                                List.of(new ConfigChange(
                                        random.nextBoolean() ? ConfigOperation.SET : ConfigOperation.DELETE,
                                        "k" + random.nextInt(3),
                                        Optional.of("v" + random.nextInt(3)))))),
                        random.nextBoolean(),
                        false);
            case 5, 6 -> new FenceBroker(node, epoch, random.nextBoolean());
            case 7 -> new AllocateProducerIds(node, epoch);
            default -> new ElectLeaders(random.nextBoolean(), Optional.empty());
        };
    }

    private static void checkInvariants(ClusterImage image, long seed) {
        for (TopicImage topic : new TreeMap<>(image.topics()).values()) {
            assertThat(image.topicNames()).as("seed %d", seed).containsEntry(topic.id(), topic.name());
            for (PartitionImage partition : topic.partitions()) {
                String where = "seed " + seed + ", " + topic.name() + ", " + partition;
                assertThat(partition.isr()).as(where).isNotEmpty();
                assertThat(partition.replicas()).as(where).containsAll(partition.isr());
                if (partition.leader() != PartitionImage.NO_LEADER) {
                    assertThat(partition.isr()).as(where).contains(partition.leader());
                }
            }
        }
        assertThat(image.topicNames()).hasSameSizeAs(image.topics().entrySet());
    }
}
