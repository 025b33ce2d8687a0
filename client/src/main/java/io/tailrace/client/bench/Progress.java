// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.io.PrintStream;

/** One line on a terminal that says how far the run is; silent where there is no terminal. */
final class Progress {

    private static final int BAR_WIDTH = 24;
    private static final long REDRAW_MS = 100;

    private final PrintStream out;
    private final boolean terminal;
    private final int stepCount;
    private int step = -1;
    private String title = "";
    private long drawnMs;

    Progress(PrintStream out, boolean terminal, int stepCount) {
        this.out = out;
        this.terminal = terminal;
        this.stepCount = stepCount;
    }

    /** The next of {@code stepCount} steps begins. */
    void next(String title) {
        step++;
        this.title = title;
        drawnMs = 0;
        at(0);
    }

    /** How much of the current step is done, 0 to 1. Cheap enough to call for every few thousand records. */
    void at(double done) {
        long nowMs = System.currentTimeMillis();
        if (!terminal || nowMs - drawnMs < REDRAW_MS) {
            return;
        }
        drawnMs = nowMs;
        double all = (step + Math.min(1, done)) / stepCount;
        int full = (int) (all * BAR_WIDTH);
        out.printf("\r\033[K%s%s %3.0f %%  %s", "█".repeat(full), "░".repeat(BAR_WIDTH - full), all * 100, title);
        out.flush();
    }

    void close() {
        if (terminal) {
            out.print("\r\033[K");
            out.flush();
        }
    }
}
