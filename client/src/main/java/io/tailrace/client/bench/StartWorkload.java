// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * From the start command to the first answer to ApiVersions: wall time, the process's CPU by then, and its memory. Only for targets that
 * name a {@link Target#startCommand}; the broker is stopped again.
 */
record StartWorkload(String name) implements Workload {

    private static final long GIVE_UP_MS = 60_000;
    /** ApiVersions v0: key 18, version 0, correlation id 1, client id null. */
    private static final byte[] API_VERSIONS = {0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, -1, -1};

    @Override
    public List<Measure> run(Target target, Progress progress) throws Exception {
        String command = target.startCommand().orElseThrow();
        long startNs = System.nanoTime();
        Process shell = new ProcessBuilder("sh", "-c", command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String[] lines = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .strip()
                .split("\n");
        long pid = Long.parseLong(lines[lines.length - 1].strip());
        try {
            awaitAnswer(target.bootstrap(), startNs);
            double wallS = (System.nanoTime() - startNs) / 1e9;
            ProcessStats stats = ProcessStats.read(pid);
            return List.of(
                    new Measure("start." + name + ".wall", wallS, "s"),
                    new Measure("start." + name + ".cpu", stats.cpuS(), "s"),
                    new Measure("start." + name + ".resident", stats.residentBytes() / 1048576.0, "MiB"));
        } finally {
            stop(pid);
        }
    }

    private static void awaitAnswer(String bootstrap, long startNs) throws InterruptedException, IOException {
        int colon = bootstrap.lastIndexOf(':');
        InetSocketAddress address =
                new InetSocketAddress(bootstrap.substring(0, colon), Integer.parseInt(bootstrap.substring(colon + 1)));
        while (!answers(address)) {
            if (System.nanoTime() - startNs > TimeUnit.MILLISECONDS.toNanos(GIVE_UP_MS)) {
                throw new IOException("nothing answers on " + bootstrap + " within " + GIVE_UP_MS + " ms");
            }
            Thread.sleep(5);
        }
    }

    private static boolean answers(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, 1000);
            socket.setSoTimeout(5000);
            new DataOutputStream(socket.getOutputStream()).write(API_VERSIONS);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            return in.readInt() > 0 && in.readInt() == 1;
        } catch (IOException e) {
            return false; // not up yet
        }
    }

    private static void stop(long pid) throws InterruptedException {
        ProcessHandle handle = ProcessHandle.of(pid).orElse(null);
        if (handle == null) {
            return;
        }
        handle.destroy();
        for (int i = 0; handle.isAlive() && i < 3000; i++) {
            Thread.sleep(10);
        }
    }
}
