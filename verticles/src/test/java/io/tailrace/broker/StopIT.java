// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

/** A node that is stopped while clients are at it. */
@Isolated("it listens to all that is logged and thrown in this JVM")
class StopIT {

    private static final int STOPS = Integer.getInteger("tailrace.stops", 4);

    @TempDir
    Path dir;

    private final Queue<String> thrown = new ConcurrentLinkedQueue<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            if (event.getThrowableProxy() != null) {
                StringBuilder text = new StringBuilder(event.getThreadName() + " " + event.getLoggerName() + " "
                        + event.getFormattedMessage() + " "
                        + event.getThrowableProxy().getClassName());
                for (var frame : event.getThrowableProxy().getStackTraceElementProxyArray()) {
                    text.append("\n  ").append(frame);
                }
                thrown.add(text.toString());
            }
        }
    };

    @BeforeEach
    void listen() {
        appender.start();
        root.addAppender(appender);
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> thrown.add(thread.getName() + " " + failure));
    }

    @AfterEach
    void stopListening() {
        root.detachAppender(appender);
        Thread.setDefaultUncaughtExceptionHandler(null);
    }

    @Test
    void aCleanStopUnderLoadThrowsNothing() throws Exception {
        for (int stop = 0; stop < STOPS; stop++) {
            BrokerFixture broker =
                    BrokerFixture.start(dir.resolve("data" + stop), "http.port", "0", "log.cleaner.backoff.ms", "1");
            TopicPartition topic = broker.topic("busy", 60);
            List<Thread> clients = new ArrayList<>();
            List<KafkaConsumer<byte[], byte[]>> consumers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                KafkaConsumer<byte[], byte[]> consumer = broker.consumer(topic);
                List<TopicPartition> all = new ArrayList<>();
                for (int p = 0; p < 60; p++) {
                    all.add(new TopicPartition("busy", p));
                }
                consumer.assign(all);
                consumers.add(consumer);
                clients.add(Thread.ofPlatform().start(() -> pollUntilWokenUp(consumer)));
            }
            KafkaProducer<byte[], byte[]> producer = broker.producer(
                    "delivery.timeout.ms",
                    "3000",
                    "request.timeout.ms",
                    "2000",
                    "linger.ms",
                    "0",
                    "max.block.ms",
                    "1000");
            for (int i = 0; i < 2_000; i++) {
                producer.send(new ProducerRecord<>("busy", i % 60, null, new byte[100]));
            }

            broker.close();

            consumers.forEach(KafkaConsumer::wakeup);
            for (Thread client : clients) {
                client.join();
            }
            consumers.forEach(consumer -> consumer.close(CloseOptions.timeout(Duration.ZERO)));
            producer.close(Duration.ZERO);
        }
        assertThat(thrown.stream().filter(text -> text.contains("io.tailrace") || text.contains("RejectedExecution")))
                .isEmpty();
    }

    private static void pollUntilWokenUp(KafkaConsumer<byte[], byte[]> consumer) {
        try {
            while (true) {
                consumer.poll(Duration.ofSeconds(10));
            }
        } catch (org.apache.kafka.common.errors.WakeupException over) {
            // the test is over
        }
    }
}
