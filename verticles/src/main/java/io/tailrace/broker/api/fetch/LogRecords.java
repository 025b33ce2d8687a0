// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api.fetch;

import io.tailrace.broker.net.SliceSink;
import io.tailrace.broker.net.SlicedRecords;
import io.tailrace.log.LogRead;
import io.tailrace.log.LogSlice;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;

/** What a log read found, on its way to a socket: files by sendfile, memory as it is. */
public final class LogRecords implements SlicedRecords {

    private final LogRead.Records found;

    public LogRecords(LogRead.Records found) {
        this.found = found;
    }

    @Override
    public int sizeInBytes() {
        return found.sizeBytes();
    }

    @Override
    public void writeTo(SliceSink sink) {
        for (LogSlice slice : found.slices()) {
            switch (slice) {
                case LogSlice.OfMemory memory -> sink.bytes(memory.bytes());
                case LogSlice.OfFile part -> {
                    Optional<FileChannel> channel = part.file().file().channel();
                    if (channel.isPresent()) {
                        sink.file(channel.get(), part.position(), part.sizeBytes());
                    } else {
                        sink.bytes(copy(part)); // a disk that is no real one
                    }
                }
            }
        }
    }

    private static ByteBuffer copy(LogSlice slice) {
        ByteBuffer bytes = ByteBuffer.allocate(slice.sizeBytes());
        slice.copyTo(bytes);
        return bytes.flip();
    }

    @Override
    public void release() {
        found.release();
    }
}
