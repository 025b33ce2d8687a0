// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import java.util.concurrent.Executor;

/** Runs tasks on one event loop when others have had their turn. */
public interface Later extends Executor {

    /** Runs a task after some time, to the millisecond or so. */
    void after(long delayNs, Runnable task);
}
