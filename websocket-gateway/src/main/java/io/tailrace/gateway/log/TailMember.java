// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import io.tailrace.gateway.session.Chunk;
import io.vertx.core.buffer.Buffer;

/** One that is served by a shared read. */
public interface TailMember {

    /** New records. The member itself finds out whether they begin where it stands, and leaves if they do not. */
    void onTail(int partition, Chunk<Buffer> chunk);

    /** The shared read serves this member no more, and has forgotten it. */
    void onTailMissed(int partition);
}
