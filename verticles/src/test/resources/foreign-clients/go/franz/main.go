// SPDX-License-Identifier: Apache-2.0

// What franz-go does with a broker: franz HOST:PORT TOPIC CODEC PROTOCOL, where PROTOCOL is that of the group: classic or consumer.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"foreign-clients/records"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

var codecs = map[string]kgo.CompressionCodec{
	"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
}

func main() {
	address, topic, codec, protocol := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	common := []kgo.Opt{kgo.SeedBrokers(address), kgo.ClientID("foreign"), kgo.WithLogger(kgo.BasicLogger(os.Stderr, kgo.LogLevelInfo, nil))}

	// Idempotent by default; topics come into being with the first record.
	producer, err := kgo.NewClient(append(common, kgo.DefaultProduceTopic(topic), kgo.AllowAutoTopicCreation(), kgo.ProducerBatchCompression(codecs[codec]),
		kgo.ProducerBatchMaxBytes(1_048_588))...)
	records.Must("producer", err)
	all := records.All()
	for _, part := range [][]records.Record{all[:4], all[4:5], all[5:]} {
		var batch []*kgo.Record
		for _, record := range part {
			made := &kgo.Record{Key: record.Key, Value: record.Value}
			for _, header := range record.Headers {
				made.Headers = append(made.Headers, kgo.RecordHeader{Key: header.Key, Value: header.Value})
			}
			batch = append(batch, made)
		}
		records.Must("produce", producer.ProduceSync(ctx, batch...).FirstErr())
	}

	reader, err := kgo.NewClient(append(common, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().AtStart()}}))...)
	records.Must("reader", err)
	read(ctx, reader, len(all))
	reader.Close()

	group := "group-" + topic
	options := append(common, kgo.ConsumeTopics(topic), kgo.ConsumerGroup(group), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit())
	if protocol == "consumer" {
		options = append(options, kgo.ServerSideBalancer())
	}
	member, err := kgo.NewClient(options...)
	records.Must("member", err)
	read(ctx, member, len(all))
	records.Must("commit", member.CommitUncommittedOffsets(ctx))
	described(ctx, member, group, protocol)
	member.LeaveGroup()
	member.Close()

	committed(ctx, producer, group, topic, int64(len(all)))
	producer.Close()
	fmt.Println("ok", len(all))
}

func read(ctx context.Context, client *kgo.Client, count int) {
	for next := 0; next < count; {
		fetches := client.PollFetches(ctx)
		records.Must("poll", fetches.Err())
		for _, record := range fetches.Records() {
			if record.Offset != int64(next) {
				records.Fail("offset %d comes, %d is next", record.Offset, next)
			}
			got := records.Record{Key: record.Key, Value: record.Value}
			for _, header := range record.Headers {
				got.Headers = append(got.Headers, records.Header{Key: header.Key, Value: header.Value})
			}
			records.Check(record.Offset, got)
			next++
		}
	}
}

func described(ctx context.Context, client *kgo.Client, group, protocol string) {
	request := kmsg.NewPtrListGroupsRequest()
	response, err := request.RequestWith(ctx, client)
	records.Must("list", err)
	for _, found := range response.Groups {
		if found.Group == group && found.GroupType == protocol && found.GroupState == "Stable" {
			return
		}
	}
	records.Fail("groups: %+v", response.Groups)
}

// Two groups in one request (KIP-709), one of which never was.
func committed(ctx context.Context, client *kgo.Client, group, topic string, want int64) {
	request := kmsg.NewPtrOffsetFetchRequest()
	for _, name := range []string{group, "nobody"} {
		asked := kmsg.NewOffsetFetchRequestGroup()
		asked.Group = name
		request.Groups = append(request.Groups, asked)
	}
	for _, shard := range client.RequestSharded(ctx, request) {
		records.Must("offsets", shard.Err)
		for _, answer := range shard.Resp.(*kmsg.OffsetFetchResponse).Groups {
			if answer.ErrorCode != 0 || (answer.Group == "nobody") != (len(answer.Topics) == 0) {
				records.Fail("offsets of %s: %+v", answer.Group, answer)
			}
			for _, partition := range answer.Topics {
				if partition.Partitions[0].Offset != want {
					records.Fail("offsets of %s: %+v", answer.Group, answer)
				}
			}
		}
	}
}
