// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import io.tailrace.gateway.session.Chunk;
import io.tailrace.gateway.session.Position;
import io.vertx.core.buffer.Buffer;

/** One that is served by a shared read. */
public interface TailMember {

    /**
     * New records that the member's view shows. There were none between the last ones, or where it joined, and these. The member itself finds
     * out whether it has some of them already, and leaves if so.
     */
    void onTail(int partition, Chunk<Buffer> chunk);

    /**
     * The shared read serves this member no more, and has forgotten it.
     *
     * @param served the member was given all that is for it before this
     */
    void onTailMissed(int partition, Position served);
}
