// SPDX-License-Identifier: Apache-2.0
/** A cluster of the real machines on a simulated network, disk and clock. Start reading at {@link io.tailrace.cluster.replication.sim.SimCluster}. */
package io.tailrace.cluster.replication.sim;
