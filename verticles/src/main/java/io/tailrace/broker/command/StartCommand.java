// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.command;

import io.tailrace.broker.Broker;
import io.tailrace.broker.config.BrokerConfig;
import io.vertx.core.Future;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * {@code tailrace start}: one node in this process, until a signal, or until it can go on no longer.
 *
 * <p>SIGTERM and Ctrl-C stop it cleanly; the process then ends with the code that shells expect of a signal (143, 130).
 */
@Command(
        name = "start",
        mixinStandardHelpOptions = true,
        description = "Starts a node and serves Kafka clients until it is stopped.")
public final class StartCommand implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(StartCommand.class);

    @Mixin
    private ConfigOptions options;

    /** For picocli, which fills in the options. */
    public StartCommand() {
        this(new ConfigOptions());
    }

    StartCommand(ConfigOptions options) {
        this.options = options;
    }

    @Override
    public Integer call() throws InterruptedException {
        Broker broker = serve(options.load(System.getenv()));
        Thread stop = new Thread(() -> stop(broker), "stop");
        Runtime.getRuntime().addShutdownHook(stop);
        Throwable reason = await(broker.broken());
        LOG.error("the node cannot go on", reason);
        Runtime.getRuntime().removeShutdownHook(stop);
        stop(broker);
        return 1;
    }

    /** A node that serves, and has said so. */
    static Broker serve(BrokerConfig config) throws InterruptedException {
        Preflight.check(config).forEach(LOG::warn);
        Broker broker = started(Broker.start(config));
        Banner.print(config, broker.ports(), System.out);
        return broker;
    }

    private static Broker started(Future<Broker> starting) throws InterruptedException {
        try {
            return starting.toCompletionStage().toCompletableFuture().get();
        } catch (ExecutionException failed) {
            LOG.debug("start failed", failed);
            throw new RefusedException(Explanation.of(failed));
        }
    }

    private static Throwable await(Future<Throwable> broken) throws InterruptedException {
        try {
            return broken.toCompletionStage().toCompletableFuture().get();
        } catch (ExecutionException failed) {
            return failed;
        }
    }

    private static void stop(Broker broker) {
        LOG.info("stopping");
        try {
            broker.stop().toCompletionStage().toCompletableFuture().get(Broker.STOP_TIMEOUT_MS, TimeUnit.MILLISECONDS);
            LOG.info("stopped cleanly");
        } catch (TimeoutException slow) {
            LOG.error("not stopped after {} ms; the next start will recover what was open", Broker.STOP_TIMEOUT_MS);
        } catch (ExecutionException | InterruptedException failed) {
            LOG.error("not stopped cleanly", failed);
        }
    }
}
