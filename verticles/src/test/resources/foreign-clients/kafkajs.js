// SPDX-License-Identifier: Apache-2.0
// What kafkajs does with a broker, for ForeignClientsIT: node kafkajs.js HOST:PORT none|gzip|snappy|lz4|zstd [websocket]
'use strict';
const assert = require('node:assert');
const { Kafka, CompressionTypes, CompressionCodecs, logLevel } = require('kafkajs');

CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy');
const lz4 = require('lz4js');
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async encoder => Buffer.from(lz4.compress(encoder.buffer)),
  decompress: async bytes => Buffer.from(lz4.decompress(bytes)),
});
const zstd = new Promise(ready => require('zstd-codec').ZstdCodec.run(codec => ready(new codec.Simple())));
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async encoder => Buffer.from((await zstd).compress(encoder.buffer, 3)),
  decompress: async bytes => Buffer.from((await zstd).decompress(bytes)),
});

const [broker, compression, way = 'socket'] = process.argv.slice(2);
const codec = {
  none: CompressionTypes.None, gzip: CompressionTypes.GZIP, snappy: CompressionTypes.Snappy, lz4: CompressionTypes.LZ4, zstd: CompressionTypes.ZSTD,
}[compression];
const name = compression + '-' + way;
const topic = 'kafkajs-' + name;
const kafka = new Kafka({
  clientId: 'foreign', brokers: [broker], logLevel: logLevel.ERROR,
  socketFactory: way === 'websocket' ? require('./websocket-factory.js') : undefined,
});

async function main() {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1, replicationFactor: 1 }] });

  const large = Buffer.alloc(1000 * 1000);
  for (let i = 0; i < large.length; i++) large[i] = (i * 7919) >> 3;
  const messages = [
    { key: 'key', value: 'value', headers: { one: 'first', two: Buffer.from([0, 255]) } },
    { key: 'tombstone', value: null },
    { key: null, value: 'no key' },
    { key: 'empty', value: '' },
    { key: 'large', value: large },
  ];
  for (let i = 0; i < 100; i++) messages.push({ key: 'k' + i, value: 'v' + i });

  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const before = Date.now();
  // The largest message of a topic is as large as the large record; so that goes alone.
  await producer.send({ topic, compression: codec, acks: -1, messages: messages.slice(0, 4) });
  await producer.send({ topic, compression: codec, acks: -1, messages: messages.slice(4, 5) });
  await producer.send({ topic, compression: codec, acks: -1, messages: messages.slice(5) });
  await producer.disconnect();

  const consumer = kafka.consumer({ groupId: 'group-' + name });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const got = [];
  await new Promise((done, failed) => {
    consumer.on(consumer.events.CRASH, event => failed(event.payload.error));
    consumer.run({
      eachMessage: async ({ message }) => {
        got.push(message);
        if (got.length === messages.length) done();
      },
    });
  });
  await consumer.disconnect();

  messages.forEach((sent, i) => {
    assert.deepStrictEqual(got[i].key && got[i].key.toString(), sent.key);
    assert.ok(sent.value === null ? got[i].value === null : got[i].value.equals(Buffer.from(sent.value)), 'value ' + i);
    assert.strictEqual(got[i].offset, String(i));
  });
  assert.strictEqual(got[0].headers.one.toString(), 'first');
  assert.deepStrictEqual(got[0].headers.two, Buffer.from([0, 255]));

  const [ends] = await admin.fetchTopicOffsets(topic);
  assert.strictEqual(ends.low, '0');
  assert.strictEqual(ends.high, String(messages.length));
  const [first] = await admin.fetchTopicOffsetsByTimestamp(topic, before);
  assert.strictEqual(first.offset, '0');
  const [committed] = await admin.fetchOffsets({ groupId: 'group-' + name, topics: [topic] });
  assert.strictEqual(committed.partitions[0].offset, String(messages.length));
  await admin.disconnect();
  console.log('ok ' + messages.length);
}

main().then(() => process.exit(0), failure => {
  console.error(failure);
  process.exit(1);
});
