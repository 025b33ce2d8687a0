// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.scrub;

/**
 * The first place of a log that cannot have been written so.
 *
 * @param segment base offset of the segment
 * @param sizeBytes of the segment, so that one that has changed meanwhile is not taken for the same
 * @param position of the batch in it, bytes
 * @param what is wrong, for people
 */
public record Damage(long segment, long sizeBytes, long position, String what) {}
