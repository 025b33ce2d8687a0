// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerRequest;

/** What goes over the bus to the controller and back. */
sealed interface ControllerCall {

    record Ask(ControllerRequest request) implements ControllerCall {}

    /** @param version of the image that holds what the reply tells */
    record Answer(ControllerReply reply, long version) implements ControllerCall {}
}
