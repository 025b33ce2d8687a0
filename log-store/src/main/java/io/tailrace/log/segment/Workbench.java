// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.segment;

import io.tailrace.log.disk.Disk;
import io.tailrace.protocol.record.RecordBatchView;
import java.nio.ByteBuffer;

/** What the logs of a shard share because only one of them works at a time: the open files and the scratch memory. */
public final class Workbench {

    private static final int INITIAL_GATHER = 64;

    private final OpenFiles files;
    private final IndexPage indexPage = new IndexPage();
    private final BatchCursor cursor = new BatchCursor();
    private final RecordBatchView view = new RecordBatchView();
    private ByteBuffer[] gather = new ByteBuffer[INITIAL_GATHER];

    public Workbench(OpenFiles files) {
        this.files = files;
    }

    public OpenFiles files() {
        return files;
    }

    public Disk disk() {
        return files.disk();
    }

    IndexPage indexPage() {
        return indexPage;
    }

    BatchCursor cursor() {
        return cursor;
    }

    /** A view for a walk that calls nothing which walks too. */
    public RecordBatchView view() {
        return view;
    }

    /** An array for a gathering write of that many buffers; its content is the caller's to set and to clear. */
    public ByteBuffer[] gather(int count) {
        if (gather.length < count) {
            gather = new ByteBuffer[Math.max(count, gather.length * 2)];
        }
        return gather;
    }
}
