// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A pass's hold on the log it works on. It keeps nobody from anything: it says whether the picture the pass works from can still
 * be believed. The log voids it when it is cut, deleted, opened anew, or claimed again; the worker looks at it between steps, and the log
 * takes nothing from a pass whose claim is void. Retention goes on meanwhile: it takes whole segments, which the log notices by itself.
 *
 * <p>Safe from any thread.
 */
public final class CleaningClaim {

    private final AtomicBoolean isVoid = new AtomicBoolean();

    /** Once true, always true. */
    public boolean isVoid() {
        return isVoid.get();
    }

    /** The log is not what it was. */
    public void revoke() {
        isVoid.set(true);
    }
}
