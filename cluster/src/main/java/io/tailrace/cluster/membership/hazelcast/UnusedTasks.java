// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.membership.hazelcast;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.instance.impl.HazelcastInstanceProxy;
import com.hazelcast.spi.impl.executionservice.ExecutionService;
import com.hazelcast.spi.impl.executionservice.impl.ExecutionServiceImpl;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * Ends what Hazelcast (5.7.0) does all the time for parts of it that are not in use here, where no setting does.
 *
 * <p>It looks ten times a second whether futures are done that map loaders, jobs and its management center wait for: twenty wake-ups a second, as
 * one thread hands that to another. There are none of the three here.
 */
public final class UnusedTasks {

    private static final String FUTURES = "CompletableFutureTask";

    private UnusedTasks() {}

    /** To be called once for a member that has started; from any thread. What another version calls or schedules otherwise goes on. */
    public static void end(HazelcastInstance member) {
        scheduled(member).forEach(task -> task.cancel(false));
    }

    /** Those of the tasks that are waiting for their next time. */
    static List<Future<?>> scheduled(HazelcastInstance member) {
        if (!(member instanceof HazelcastInstanceProxy proxy)) {
            return List.of();
        }
        ExecutionService service = proxy.getOriginal().node.getNodeEngine().getExecutionService();
        return service instanceof ExecutionServiceImpl known
                ? known.getScheduledExecutorService().getQueue().stream()
                        .flatMap(it ->
                                it instanceof Future<?> task && task.toString().contains(FUTURES)
                                        ? Stream.of(task)
                                        : Stream.empty())
                        .<Future<?>>map(it -> it)
                        .toList()
                : List.of();
    }
}
