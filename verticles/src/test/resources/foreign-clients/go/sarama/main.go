// SPDX-License-Identifier: Apache-2.0

// What Sarama does with a broker: sarama HOST:PORT TOPIC CODEC VERSION, where VERSION is of Kafka; Sarama goes by it and not by what the broker can.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"foreign-clients/records"
	"github.com/IBM/sarama"
)

var codecs = map[string]sarama.CompressionCodec{
	"none": sarama.CompressionNone, "gzip": sarama.CompressionGZIP, "snappy": sarama.CompressionSnappy,
	"lz4": sarama.CompressionLZ4, "zstd": sarama.CompressionZSTD,
}

func main() {
	brokers, topic := []string{os.Args[1]}, os.Args[2]
	sarama.Logger = log.New(os.Stderr, "", log.Ltime)
	config := sarama.NewConfig()
	version, err := sarama.ParseKafkaVersion(os.Args[4])
	records.Must("version", err)
	config.Version = version
	config.ClientID = "foreign"
	config.Producer.Compression = codecs[os.Args[3]]
	config.Producer.Idempotent = true
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Return.Successes = true
	config.Net.MaxOpenRequests = 1
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Offsets.AutoCommit.Enable = false

	admin, err := sarama.NewClusterAdmin(brokers, config)
	records.Must("admin", err)
	records.Must("create", admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1}, false))
	before := time.Now()
	produce(brokers, config, topic)
	all := int64(len(records.All()))
	consumePartition(brokers, config, topic, all)
	consumeInGroup(brokers, config, topic, all)
	offsets(brokers, config, topic, all, before)
	commits(admin, version, topic, all)
	administer(admin, version, topic)
	records.Must("close", admin.Close())
	fmt.Println("ok", all)
}

func produce(brokers []string, config *sarama.Config, topic string) {
	producer, err := sarama.NewSyncProducer(brokers, config)
	records.Must("producer", err)
	all := records.All()
	for _, part := range [][]records.Record{all[:4], all[4:5], all[5:]} {
		var messages []*sarama.ProducerMessage
		for _, record := range part {
			message := &sarama.ProducerMessage{Topic: topic}
			if record.Key != nil {
				message.Key = sarama.ByteEncoder(record.Key)
			}
			if record.Value != nil {
				message.Value = sarama.ByteEncoder(record.Value)
			}
			for _, header := range record.Headers {
				message.Headers = append(message.Headers, sarama.RecordHeader{Key: []byte(header.Key), Value: header.Value})
			}
			messages = append(messages, message)
		}
		records.Must("produce", producer.SendMessages(messages))
	}
	records.Must("close", producer.Close())
}

func check(next int64, message *sarama.ConsumerMessage) {
	if message.Offset != next {
		records.Fail("offset %d comes, %d is next", message.Offset, next)
	}
	got := records.Record{Key: message.Key, Value: message.Value}
	for _, header := range message.Headers {
		got.Headers = append(got.Headers, records.Header{Key: string(header.Key), Value: header.Value})
	}
	records.Check(next, got)
}

func consumePartition(brokers []string, config *sarama.Config, topic string, all int64) {
	consumer, err := sarama.NewConsumer(brokers, config)
	records.Must("consumer", err)
	partition, err := consumer.ConsumePartition(topic, 0, sarama.OffsetOldest)
	records.Must("partition", err)
	for next := int64(0); next < all; next++ {
		check(next, <-partition.Messages())
	}
	records.Must("close", partition.Close())
	records.Must("close", consumer.Close())
}

type member struct {
	all  int64
	done context.CancelFunc
}

func (member) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (member) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (m member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	next := int64(0)
	for message := range claim.Messages() {
		check(next, message)
		next++
		session.MarkMessage(message, "as far as this")
		if next == m.all {
			session.Commit()
			m.done()
			return nil
		}
	}
	return nil
}

func consumeInGroup(brokers []string, config *sarama.Config, topic string, all int64) {
	group, err := sarama.NewConsumerGroup(brokers, "group-"+topic, config)
	records.Must("group", err)
	ctx, done := context.WithCancel(context.Background())
	defer done()
	for ctx.Err() == nil {
		if err := group.Consume(ctx, []string{topic}, member{all, done}); err != nil && ctx.Err() == nil {
			records.Fail("group: %v", err)
		}
	}
	records.Must("close", group.Close())
}

func offsets(brokers []string, config *sarama.Config, topic string, all int64, before time.Time) {
	client, err := sarama.NewClient(brokers, config)
	records.Must("client", err)
	for at, want := range map[int64]int64{sarama.OffsetOldest: 0, sarama.OffsetNewest: all, before.Add(-time.Hour).UnixMilli(): 0} {
		offset, err := client.GetOffset(topic, 0, at)
		records.Must("offset", err)
		if offset != want {
			records.Fail("offset at %d is %d, not %d", at, offset, want)
		}
	}
	records.Must("close", client.Close())
}

func commits(admin sarama.ClusterAdmin, version sarama.KafkaVersion, topic string, all int64) {
	group, asked := "group-"+topic, map[string][]int32{topic: {0}}
	committed := map[string]*sarama.OffsetFetchResponseGroup{}
	if version.IsAtLeast(sarama.V3_0_0_0) {
		// Two groups in one request (KIP-709), one of which never was.
		both, err := admin.ListConsumerGroupOffsetsBatch(map[string]map[string][]int32{group: asked, "nobody": asked})
		records.Must("offsets of groups", err)
		committed = both
	} else {
		for _, name := range []string{group, "nobody"} {
			one, err := admin.ListConsumerGroupOffsets(name, asked)
			records.Must("offsets of a group", err)
			committed[name] = &sarama.OffsetFetchResponseGroup{Blocks: one.Blocks}
		}
	}
	for name, want := range map[string]int64{group: all, "nobody": -1} {
		block := committed[name].Blocks[topic][0]
		if block.Offset != want || (name == group) != (block.Metadata == "as far as this") {
			records.Fail("committed by %s: %+v, not %d", name, block, want)
		}
	}
}

func administer(admin sarama.ClusterAdmin, version sarama.KafkaVersion, topic string) {
	group := "group-" + topic
	described, err := admin.DescribeConsumerGroups([]string{group})
	records.Must("describe", err)
	if len(described) != 1 || described[0].State != "Empty" {
		records.Fail("group %+v", described[0])
	}
	size := "2000000"
	if version.IsAtLeast(sarama.V2_3_0_0) {
		set := sarama.IncrementalAlterConfigsEntry{Operation: sarama.IncrementalAlterConfigsOperationSet, Value: &size}
		records.Must("configs", admin.IncrementalAlterConfig(sarama.TopicResource, topic,
			map[string]sarama.IncrementalAlterConfigsEntry{"max.message.bytes": set}, false))
	} else {
		records.Must("configs", admin.AlterConfig(sarama.TopicResource, topic, map[string]*string{"max.message.bytes": &size}, false))
	}
	entries, err := admin.DescribeConfig(sarama.ConfigResource{Type: sarama.TopicResource, Name: topic, ConfigNames: []string{"max.message.bytes"}})
	records.Must("configs", err)
	if len(entries) != 1 || entries[0].Value != size {
		records.Fail("configs %+v", entries)
	}
	records.Must("partitions", admin.CreatePartitions(topic, 2, nil, false))
	records.Must("records", admin.DeleteRecords(topic, map[int32]int64{0: 3}))
	nodes, _, err := admin.DescribeCluster()
	records.Must("cluster", err)
	if len(nodes) != 1 {
		records.Fail("%d nodes", len(nodes))
	}
	_, err = admin.DescribeLogDirs([]int32{nodes[0].ID()})
	records.Must("log dirs", err)
	records.Must("group", admin.DeleteConsumerGroup(group))
	topics, err := admin.ListTopics()
	records.Must("list", err)
	if topics[topic].NumPartitions != 2 {
		records.Fail("topic %+v", topics[topic])
	}
	records.Must("delete", admin.DeleteTopic(topic))
}
