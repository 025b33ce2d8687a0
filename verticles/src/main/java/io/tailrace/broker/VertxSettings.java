// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.util.concurrent.TimeUnit;

/** How Vert.x runs in a broker. */
final class VertxSettings {

    /** A shard may wait for a disk; the checker is for code that hangs. */
    private static final long WORKER_WARNING_S = 30;

    private VertxSettings() {}

    static Vertx create() {
        int cores = Runtime.getRuntime().availableProcessors();
        VertxOptions options = new VertxOptions()
                .setPreferNativeTransport(true)
                .setEventLoopPoolSize(cores)
                .setWorkerPoolSize(Math.max(2, cores))
                .setInternalBlockingPoolSize(Math.max(2, cores))
                .setMaxWorkerExecuteTime(WORKER_WARNING_S)
                .setMaxWorkerExecuteTimeUnit(TimeUnit.SECONDS)
                .setBlockedThreadCheckInterval(5_000)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false));
        return Vertx.vertx(options);
    }
}
