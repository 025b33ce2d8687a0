// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.segment;

import io.tailrace.log.disk.SharedFile;
import io.tailrace.log.segment.OpenFiles.Handle;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The files of one log that were written since the last ticket, and whether its directory was. */
public final class Unsynced {

    private final List<Handle> files = new ArrayList<>(1);
    private boolean directory;

    /** @param pinned whether the file stays open until it is handed out: so where a sync is certain to come soon */
    void file(Handle handle, boolean pinned) {
        if (!files.contains(handle)) {
            forget(handle); // a log that was loaded anew has other handles for the same files
            files.add(handle);
        }
        if (pinned) {
            handle.pin();
        }
    }

    void forget(Handle handle) {
        files.removeIf(known -> known.path().equals(handle.path()));
        handle.unpin();
    }

    /** A name in the directory has come, gone or changed. */
    public void directory() {
        directory = true;
    }

    public boolean isDirectory() {
        return directory;
    }

    public boolean isEmpty() {
        return files.isEmpty() && !directory;
    }

    /** Hands out the files, each with a reference, and forgets them. */
    public void drainTo(Collection<SharedFile> target) {
        for (Handle handle : files) {
            target.add(handle.share());
            handle.unpin();
        }
        clear();
    }

    public void clear() {
        files.forEach(Handle::unpin);
        files.clear();
        directory = false;
    }
}
