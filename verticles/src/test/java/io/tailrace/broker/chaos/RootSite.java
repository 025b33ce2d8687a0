// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import io.tailrace.broker.ClusterProcesses.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Each node in a network namespace of its own on one bridge, with an ext4 file system of its own in a file. Needs Linux, root, iproute2,
 * util-linux, e2fsprogs and perl; no kernel modules for filtering.
 *
 * <p><b>Cutting a link one way</b>: the sender is told a false hardware address of the receiver. Its packets go out and are taken by nobody,
 * as with a broken cable: nothing is refused, and nothing is told.
 *
 * <p><b>Power</b>: ext4's own shutdown call drops what is in memory and was not synced ({@code EXT4_IOC_SHUTDOWN}, without a flush of its
 * journal), then the file system is mounted anew from what is in the file.
 *
 * <p><b>Slowness</b>: {@code fsfreeze} holds writers and syncs.
 */
final class RootSite implements Site {

    /** A JVM has one network: tests that may make one take turns. */
    static final String NETWORK = "network of name spaces";

    private static final String NOBODY = "02:00:00:00:00:01";
    private static final int KAFKA_PORT = 9092;
    static final int CLUSTER_PORT = 19192;
    private static final long DISK_BYTES = 1L << 30;

    /** Flag of the shutdown call: the journal is not flushed first. */
    private static final int NO_LOG_FLUSH = 2;

    private final Path dir;
    private final String name;
    private final String net;
    private final List<Place> places = new ArrayList<>();
    private final Set<Integer> frozen = new HashSet<>();
    private final Set<List<Integer>> cuts = new HashSet<>();

    /** @param dir for the disks; made */
    RootSite(Path dir, int nodes) throws IOException {
        long own = ProcessHandle.current().pid();
        this.dir = Files.createDirectories(dir);
        this.name = "tr" + own % 100_000;
        this.net = "198.18." + own % 250 + ".";
        try {
            Shell.run("ip", "link", "add", bridge(), "type", "bridge");
            Shell.run("ip", "addr", "add", net + "254/24", "dev", bridge());
            Shell.run("ip", "link", "set", bridge(), "up");
            for (int node = 1; node <= nodes; node++) {
                wire(node);
                format(node);
                places.add(new Place(address(node), KAFKA_PORT, CLUSTER_PORT, data(node), inside(node)));
            }
        } catch (RuntimeException | IOException e) {
            close();
            throw e;
        }
    }

    private String bridge() {
        return name + "b";
    }

    private String namespace(int node) {
        return name + "-" + node;
    }

    private String address(int node) {
        return net + (node == CLIENTS ? 254 : node);
    }

    private Path data(int node) {
        return mount(node).resolve("data");
    }

    private Path mount(int node) {
        return dir.resolve("disk" + node);
    }

    private Path image(int node) {
        return dir.resolve("disk" + node + ".img");
    }

    /** Of the network alone: a mount name space of their own (as {@code ip netns exec} makes) would keep other nodes' disks mounted. */
    private List<String> inside(int node) {
        return List.of("nsenter", "--net=/run/netns/" + namespace(node));
    }

    private void wire(int node) {
        String outside = name + "v" + node;
        String space = namespace(node);
        Shell.run("ip", "netns", "add", space);
        Shell.run("ip", "link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", space);
        Shell.run("ip", "link", "set", outside, "master", bridge(), "up");
        Shell.run("ip", "-n", space, "addr", "add", address(node) + "/24", "dev", "eth0");
        Shell.run("ip", "-n", space, "link", "set", "eth0", "up");
        Shell.run("ip", "-n", space, "link", "set", "lo", "up");
    }

    private void format(int node) throws IOException {
        Shell.run("truncate", "-s", Long.toString(DISK_BYTES), image(node).toString());
        Shell.run("mkfs.ext4", "-q", "-F", "-m", "0", image(node).toString());
        Files.createDirectories(mount(node));
        mountDisk(node);
    }

    private void mountDisk(int node) {
        Shell.run("mount", "-o", "loop", image(node).toString(), mount(node).toString());
    }

    @Override
    public List<Place> places() {
        return List.copyOf(places);
    }

    @Override
    public void cut(int from, int to) {
        List<String> command = ip(from);
        command.addAll(
                List.of("neigh", "replace", address(to), "lladdr", NOBODY, "dev", device(from), "nud", "permanent"));
        Shell.run(command.toArray(String[]::new));
        cuts.add(List.of(from, to));
    }

    private String device(int node) {
        return node == CLIENTS ? bridge() : "eth0";
    }

    private List<String> ip(int node) {
        List<String> command = new ArrayList<>(List.of("ip"));
        if (node != CLIENTS) {
            command.addAll(List.of("-n", namespace(node)));
        }
        return command;
    }

    @Override
    public void healWires() {
        for (List<Integer> cut : cuts) {
            List<String> command = ip(cut.get(0));
            command.addAll(List.of("neigh", "del", address(cut.get(1)), "dev", device(cut.get(0))));
            Shell.run(command.toArray(String[]::new));
        }
        cuts.clear();
    }

    @Override
    public void fill(int node) {
        long free = mount(node).toFile().getUsableSpace();
        // The last blocks go to the file system's own needs: ask for less until it is given.
        for (long bytes = free; bytes > 0; bytes -= 1 << 20) {
            try {
                Shell.run("fallocate", "-l", Long.toString(bytes), filler(node));
                return;
            } catch (IllegalStateException tooMuch) {
                continue;
            }
        }
    }

    private String filler(int node) {
        return mount(node).resolve("filler").toString();
    }

    @Override
    public void empty(int node) {
        Shell.run("rm", "-f", filler(node));
    }

    @Override
    public void freeze(int node) {
        Shell.run("fsfreeze", "-f", mount(node).toString());
        frozen.add(node);
    }

    @Override
    public void thaw(int node) {
        if (frozen.remove(node)) {
            Shell.run("fsfreeze", "-u", mount(node).toString());
        }
    }

    @Override
    public void cutPower(int node) {
        Shell.run(
                "perl",
                "-e",
                "open(F, '<', $ARGV[0]) or die $!; my $f = pack('L', " + NO_LOG_FLUSH
                        + "); ioctl(F, 0x8004587d, $f) or die $!;",
                mount(node).toString());
        Shell.run("umount", mount(node).toString());
        mountDisk(node);
    }

    @Override
    public void close() {
        for (int node : Set.copyOf(frozen)) {
            thaw(node);
        }
        for (int node = 1; node <= 9; node++) {
            if (Files.exists(image(node))) {
                Shell.tryRun("umount", mount(node).toString());
            }
            if (Files.exists(Path.of("/run/netns", namespace(node)))) {
                Shell.tryRun("ip", "netns", "del", namespace(node));
            }
        }
        Shell.tryRun("ip", "link", "del", bridge());
    }
}
