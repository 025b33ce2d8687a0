// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file behind a {@link FileChannel}.
 *
 * <p>A gathering write needs the channel's own position ({@code pwritev} has no face in the JDK): the position is the shard
 * thread's, which alone writes; reads and {@code transferTo} name theirs and do not disturb it.
 */
final class RealDiskFile implements DiskFile {

    private final Path path;
    private final FileChannel channel;
    private long writePosition;

    RealDiskFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    @Override
    public long size() {
        try {
            return channel.size();
        } catch (IOException e) {
            throw RealDisk.failure("ask the size of", path, e);
        }
    }

    @Override
    public void write(ByteBuffer[] buffers, int count, long position) {
        try {
            if (count == 1) {
                long at = position;
                while (buffers[0].hasRemaining()) {
                    at += channel.write(buffers[0], at);
                }
                return;
            }
            if (writePosition != position) {
                channel.position(position);
            }
            writePosition = -1; // unknown until all is written
            int first = 0;
            long at = position;
            while (first < count) {
                at += channel.write(buffers, first, count - first);
                while (first < count && !buffers[first].hasRemaining()) {
                    first++;
                }
            }
            writePosition = at;
        } catch (IOException e) {
            throw RealDisk.failure("write", path, e);
        }
    }

    @Override
    public int read(ByteBuffer target, long position) {
        try {
            int total = 0;
            while (target.hasRemaining()) {
                int read = channel.read(target, position + total);
                if (read < 0) {
                    break;
                }
                total += read;
            }
            return total;
        } catch (IOException e) {
            throw RealDisk.failure("read", path, e);
        }
    }

    @Override
    public void sync() {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw RealDisk.failure("sync", path, e);
        }
    }

    @Override
    public void truncate(long size) {
        try {
            channel.truncate(size);
            writePosition = -1; // the JDK moves a position that lies past the new end
        } catch (IOException e) {
            throw RealDisk.failure("truncate", path, e);
        }
    }

    @Override
    public Optional<FileChannel> channel() {
        return Optional.of(channel);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw RealDisk.failure("close", path, e);
        }
    }
}
