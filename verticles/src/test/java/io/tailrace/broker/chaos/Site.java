// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import io.tailrace.broker.ClusterProcesses.Place;
import java.util.List;

/** Where a cluster runs, and what of it can be broken from outside the processes. Nodes are numbered from 1. */
interface Site extends AutoCloseable {

    /** In place of a node: the machine that the clients are on. */
    int CLIENTS = 0;

    List<Place> places();

    /** Packets from one to the other are lost from now on, silently; the other direction is another matter. */
    void cut(int from, int to);

    /** Nothing is cut any more. */
    void healWires();

    /** Leaves no room on a node's disk. */
    void fill(int node);

    /** Gives the room back. */
    void empty(int node);

    /** Nothing that a node writes or syncs gets done until {@link #thaw}. */
    void freeze(int node);

    void thaw(int node);

    /** Throws away what a node's disk had not been told to sync; the node must be dead. The disk is usable again afterwards. */
    void cutPower(int node);

    @Override
    void close();
}
