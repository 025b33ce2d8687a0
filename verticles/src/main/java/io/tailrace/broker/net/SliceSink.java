// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Where {@link SlicedRecords} puts its parts, in the order in which they shall reach the socket. Nothing is copied: what is handed over stays
 * the property of the records, and must not change until {@link SlicedRecords#release()}.
 */
public interface SliceSink {

    /** The remaining bytes of {@code part}; direct memory goes to the socket as it is. The position of {@code part} is left alone. */
    void bytes(ByteBuffer part);

    /**
     * {@code count} bytes of a file from {@code position} on, by sendfile where the socket allows. The channel is never closed by the
     * listener. A file that turns out shorter than promised costs the connection: the frame's length is already on the wire.
     */
    void file(FileChannel file, long position, long count);
}
