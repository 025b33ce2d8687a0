// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import io.tailrace.broker.ClusterProcesses;
import io.tailrace.broker.ClusterProcesses.Place;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Processes on loopback, with folders of one disk: they can be killed and held, nothing else. Needs no rights. */
final class LoopbackSite implements Site {

    private final List<Place> places;

    LoopbackSite(Path dir, int nodes) throws IOException {
        places = ClusterProcesses.onLoopback(dir, nodes);
    }

    @Override
    public List<Place> places() {
        return places;
    }

    @Override
    public void cut(int from, int to) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void healWires() {}

    @Override
    public void fill(int node) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void empty(int node) {}

    @Override
    public void freeze(int node) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void thaw(int node) {}

    @Override
    public void cutPower(int node) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
