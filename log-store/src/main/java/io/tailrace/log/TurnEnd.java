// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import java.util.List;

/**
 * What {@link ShardLog#endTurn} did.
 *
 * @param ticket what has to be synced now; {@link SyncTicket#isEmpty} when nothing, or when one is still out
 * @param failures the logs whose writes failed in this turn: everything appended to them since the last turn is void, and none
 *     of it is in the log
 */
public record TurnEnd(SyncTicket ticket, List<LogFailure> failures) {
    public TurnEnd {
        failures = List.copyOf(failures);
    }
}
