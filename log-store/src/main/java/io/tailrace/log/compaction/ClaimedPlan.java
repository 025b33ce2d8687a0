// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

/**
 * A pass that is due, and the hold on its log.
 *
 * @param claim to be shown with every result
 */
public record ClaimedPlan(CompactionPlan plan, CleaningClaim claim) {}
