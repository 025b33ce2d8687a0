// SPDX-License-Identifier: Apache-2.0
/**
 * Browsers as members of consumer groups: what a member decides ({@link io.tailrace.gateway.group.MemberMachine}, pure), and how its coordinator
 * is asked ({@link io.tailrace.gateway.group.GroupCoordinator}). Objects belong to the event loop of their connection.
 */
@NullMarked
package io.tailrace.gateway.group;

import org.jspecify.annotations.NullMarked;
