// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.channel.DefaultFileRegion;
import io.netty.handler.stream.ChunkedNioFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;

/** How a part of a file goes to a socket. In no case is the file closed: it belongs to the log. */
@FunctionalInterface
interface FileParts {

    /** Something that Netty can write. */
    Object part(FileChannel file, long position, long count);

    /** By sendfile: the bytes never enter the process. */
    static FileParts sendfile() {
        return OpenFileRegion::new;
    }

    /** In pieces through memory, because TLS must see them; needs a chunked write handler in the pipeline. */
    static FileParts chunked() {
        return (file, position, count) -> {
            try {
                return new OpenChunks(file, position, count);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    /** A region whose end does not close its file. */
    final class OpenFileRegion extends DefaultFileRegion {

        OpenFileRegion(FileChannel file, long position, long count) {
            super(file, position, count);
        }

        @Override
        protected void deallocate() {}
    }

    /** Pieces of a file, the end of which does not close it. */
    final class OpenChunks extends ChunkedNioFile {

        private static final int CHUNK_BYTES = 64 * 1024;

        OpenChunks(FileChannel file, long position, long count) throws IOException {
            super(file, position, count, CHUNK_BYTES);
        }

        @Override
        public void close() {}
    }
}
