// SPDX-License-Identifier: Apache-2.0
// A kafkajs consumer in a group, for ForeignGroupsIT: node member.js HOST:PORT GROUP TOPIC
// Prints "R partition offset value ms" for what it reads and "C partition offset ms" for what was committed when that is answered. Leaves on SIGTERM.
'use strict';
const fs = require('node:fs');
const { Kafka, logLevel } = require('kafkajs');

const [broker, groupId, topic] = process.argv.slice(2);
const kafka = new Kafka({ clientId: 'member', brokers: [broker], logLevel: logLevel.NOTHING, retry: { retries: 30, maxRetryTime: 2000 } });
const consumer = kafka.consumer({ groupId, sessionTimeout: 6000, heartbeatInterval: 500, maxWaitTimeInMs: 200 });
// Whole lines, at once: what is not printed when the process is killed was not read.
const say = line => fs.writeSync(1, line + '\n');

async function main() {
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    eachBatch: async ({ batch, resolveOffset, heartbeat, isRunning, isStale }) => {
      for (const message of batch.messages) {
        if (!isRunning() || isStale()) return;
        say('R ' + batch.partition + ' ' + message.offset + ' ' + message.value + ' ' + Date.now());
        const next = String(BigInt(message.offset) + 1n);
        await consumer.commitOffsets([{ topic, partition: batch.partition, offset: next }]);
        say('C ' + batch.partition + ' ' + next + ' ' + Date.now());
        resolveOffset(message.offset);
        await heartbeat();
      }
    },
  });
}

process.on('SIGTERM', () => consumer.disconnect().then(() => process.exit(0), () => process.exit(1)));
main().catch(failure => {
  console.error(failure);
  process.exit(1);
});
