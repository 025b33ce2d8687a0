// SPDX-License-Identifier: Apache-2.0
package io.tailrace.protocol;

import org.apache.kafka.common.requests.AbstractRequest;

/** Reads what follows a request header, with the generated readers of kafka-clients. */
public final class RequestBody {

    private RequestBody() {}

    /**
     * Reads the body of a request whose version kafka-clients knows. Bytes after its end are ignored, as Kafka does.
     *
     * @throws MalformedFrameException whatever is wrong with the bytes
     * @throws NoRoomException the reader's meter refused memory
     */
    public static AbstractRequest read(RequestHead head, GuardedReader frame) {
        try {
            return AbstractRequest.parseRequest(head.api(), head.version(), frame).request;
        } catch (MalformedFrameException | NoRoomException e) {
            throw e;
        } catch (RuntimeException e) {
            // The readers answer nonsense with whatever exception comes up; none of them tells more than that.
            throw new MalformedFrameException("broken " + head.api() + " v" + head.version(), e);
        }
    }
}
