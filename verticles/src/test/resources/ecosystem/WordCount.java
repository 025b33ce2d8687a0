// SPDX-License-Identifier: Apache-2.0

import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Produced;

/** The word count of Kafka Streams, at least once, for StreamsIT: java -cp JARS WordCount.java HOST:PORT APPLICATION INPUT OUTPUT STATE-DIR */
public final class WordCount {

    private WordCount() {}

    public static void main(String[] args) {
        Properties config = new Properties();
        config.put("bootstrap.servers", args[0]);
        config.put("application.id", args[1]);
        config.put("state.dir", args[4]);
        config.put("default.key.serde", Serdes.String().getClass().getName());
        config.put("default.value.serde", Serdes.String().getClass().getName());
        config.put("num.stream.threads", 1);
        config.put("replication.factor", 1);
        config.put("commit.interval.ms", 200);
        config.put("statestore.cache.max.bytes", 0);
        config.put("consumer.auto.offset.reset", "earliest");
        config.put("consumer.session.timeout.ms", 6000);
        config.put("consumer.heartbeat.interval.ms", 500);
        config.put("internal.leave.group.on.close", true);
        StreamsBuilder builder = new StreamsBuilder();
        builder.<String, String>stream(args[2])
                .flatMapValues(line -> List.of(line.split(" ")))
                .groupBy((key, word) -> word)
                .count()
                .toStream()
                .to(args[3], Produced.with(Serdes.String(), Serdes.Long()));
        KafkaStreams streams = new KafkaStreams(builder.build(), config);
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
    }
}
