// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import org.apache.kafka.common.protocol.Errors;

/** Why a request is turned down. */
record Refusal(Errors error, String message) {}
