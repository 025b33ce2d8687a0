// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication.sim;

import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.ConfigPolicy;
import io.tailrace.cluster.metadata.Controller;
import io.tailrace.cluster.metadata.ControllerConfig;
import io.tailrace.cluster.metadata.ControllerEffect;
import io.tailrace.cluster.metadata.ControllerEvent;
import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerRequest;
import io.tailrace.cluster.metadata.LogPosition;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.cluster.metadata.TopicIds;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;

/** The real controller on a metadata log that loses nothing and takes its time: consensus is another simulation's business. */
final class SimController {

    static final int ID = 0;
    static final String CLUSTER = "simulated";
    static final String TOPIC = "t";

    private final SimClock clock;
    private final Random random;
    private final Consumer<ClusterImage> published;
    private final Controller controller;
    private final Map<Long, Consumer<ControllerReply>> waiting = new HashMap<>();
    private ClusterImage image = ClusterImage.empty("");
    private long nextRequest;
    private long nextIndex;

    SimController(SimClock clock, Random random, boolean rebalance, Consumer<ClusterImage> published) {
        this.clock = clock;
        this.random = random;
        this.published = published;
        this.controller = new Controller(
                new ControllerConfig(
                        ID,
                        CLUSTER,
                        new ControllerConfig.TopicDefaults(1, 1, true),
                        Map.of(),
                        Optional.empty(),
                        new ControllerConfig.Liveness(600, 600, rebalance, 700)),
                ConfigPolicy.permissive());
        step(new ControllerEvent.LeadershipChanged(1, ID));
        tick();
    }

    private void tick() {
        step(new ControllerEvent.Ticked());
        clock.after(100, this::tick);
    }

    ClusterImage image() {
        return image;
    }

    Optional<PartitionImage> partition() {
        return image.partition(TOPIC, 0);
    }

    void createTopic(List<Integer> replicas, int minInSync) {
        TreeMap<Integer, List<Integer>> assignment = new TreeMap<>(Map.of(0, replicas));
        submit(
                new ControllerRequest.CreateTopics(
                        List.of(new ControllerRequest.NewTopic(
                                TOPIC,
                                -1,
                                -1,
                                assignment,
                                Map.of("min.insync.replicas", Optional.of(Integer.toString(minInSync))))),
                        false),
                reply -> {});
    }

    void reassign(List<Integer> replicas) {
        reassign(Optional.of(replicas));
    }

    /** Back to the replicas before, if a reassignment is under way. */
    void cancelReassignment() {
        reassign(Optional.empty());
    }

    private void reassign(Optional<List<Integer>> replicas) {
        submit(
                new ControllerRequest.AlterReassignments(
                        List.of(new ControllerRequest.Reassignment(new TopicPartition(TOPIC, 0), replicas)), true),
                reply -> {});
    }

    void submit(ControllerRequest request, Consumer<ControllerReply> answer) {
        long id = nextRequest++;
        waiting.put(id, answer);
        step(new ControllerEvent.Submitted(id, request, new TopicIds.Seed(id + 1, 7)));
    }

    private void step(ControllerEvent event) {
        for (ControllerEffect effect : controller.step(event, clock.nowMs())) {
            switch (effect) {
                case ControllerEffect.Append append -> {
                    long index = nextIndex++;
                    clock.after(
                            1 + random.nextInt(10),
                            () -> step(new ControllerEvent.Committed(new LogPosition(1, index), append.entry())));
                }
                case ControllerEffect.Publish publish -> {
                    image = publish.image();
                    published.accept(image);
                }
                case ControllerEffect.Reply reply ->
                    Optional.ofNullable(waiting.remove(reply.requestId()))
                            .ifPresent(answer -> answer.accept(reply.reply()));
                case ControllerEffect.Resign resign -> throw new AssertionError(resign.reason());
                case ControllerEffect.Fail fail -> throw new AssertionError(fail.reason());
            }
        }
    }
}
