// SPDX-License-Identifier: Apache-2.0
/**
 * The controller on a node: hosts the machine of {@code cluster.metadata}, and publishes what it committed. Start reading at
 * {@link io.tailrace.broker.controller.ControllerClient}.
 */
@NullMarked
package io.tailrace.broker.controller;

import org.jspecify.annotations.NullMarked;
