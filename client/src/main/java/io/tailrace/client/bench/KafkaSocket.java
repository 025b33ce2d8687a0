// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ResponseHeader;

/**
 * One connection on which requests are written and answers read by hand, in order: many of them cost little beside the broker, which clients
 * with their threads would not. Not safe for several threads.
 */
final class KafkaSocket implements AutoCloseable {

    private static final int TIMEOUT_S = 120;

    private final Socket socket;
    private final DataInputStream in;
    private final Deque<RequestHeader> waiting = new ArrayDeque<>();
    private int correlationId;

    KafkaSocket(Target target) throws IOException {
        int colon = target.bootstrap().lastIndexOf(':');
        socket = new Socket(
                target.bootstrap().substring(0, colon),
                Integer.parseInt(target.bootstrap().substring(colon + 1)));
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(TIMEOUT_S));
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    void send(AbstractRequest request) throws IOException {
        RequestHeader header = new RequestHeader(request.apiKey(), request.version(), "bench", correlationId++);
        ByteBuffer body = request.serializeWithHeader(header);
        ByteBuffer frame = ByteBuffer.allocate(4 + body.remaining()).putInt(body.remaining());
        socket.getOutputStream().write(frame.put(body).array());
        waiting.add(header);
    }

    /** The answer to the first request that has none yet. */
    <R extends AbstractResponse> R read(Class<R> kind) throws IOException {
        RequestHeader header = waiting.remove();
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        ByteBuffer buffer = ByteBuffer.wrap(frame);
        ResponseHeader.parse(buffer, header.apiKey().responseHeaderVersion(header.apiVersion()));
        return kind.cast(
                AbstractResponse.parseResponse(header.apiKey(), new ByteBufferAccessor(buffer), header.apiVersion()));
    }

    <R extends AbstractResponse> R ask(AbstractRequest request, Class<R> kind) throws IOException {
        send(request);
        return read(kind);
    }

    /** Looks for a group's coordinator, again until there is one: the first to ask makes the topic that it lives on. */
    void findCoordinator(String groupId) throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_S);
        while (true) {
            Errors error = Errors.forCode(ask(
                            new FindCoordinatorRequest.Builder(
                                            new FindCoordinatorRequestData().setCoordinatorKeys(List.of(groupId)))
                                    .build((short) 4),
                            FindCoordinatorResponse.class)
                    .data()
                    .coordinators()
                    .get(0)
                    .errorCode());
            if (error == Errors.NONE) {
                return;
            }
            if (!(error.exception() instanceof RetriableException) || System.nanoTime() > deadlineNs) {
                throw new IllegalStateException("no coordinator: " + error);
            }
            Thread.sleep(10);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
