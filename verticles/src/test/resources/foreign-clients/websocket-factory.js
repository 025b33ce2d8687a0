// SPDX-License-Identifier: Apache-2.0
// Sockets for kafkajs that are WebSockets; the same as in docs/gateway-protocol.md.
'use strict';
const { WebSocket, createWebSocketStream } = require('ws');

module.exports = ({ host, port, onConnect }) => {
  const socket = new WebSocket(`ws://${host}:${port}/kafka`, 'kafka');
  const stream = createWebSocketStream(socket);
  socket.on('open', onConnect);
  return Object.assign(stream, { setKeepAlive() {}, setTimeout() {}, unref() {} });
};
