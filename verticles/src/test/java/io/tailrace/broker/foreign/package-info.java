// SPDX-License-Identifier: Apache-2.0
/** Clients that do not come from Maven Central, each in a process of its own; run by the profile {@code foreign-clients} alone. */
package io.tailrace.broker.foreign;
