// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * A broker that the bench has started with {@link Target#startCommand}. The command finds the environment variable {@code KEEP} set to 1 if
 * it is to start on the storage of the last start, and not set if on an empty one.
 */
final class StartedBroker implements AutoCloseable {

    private static final long GIVE_UP_S = 180;
    /** ApiVersions v0: key 18, version 0, correlation id 1, client id null. */
    private static final byte[] API_VERSIONS = {0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, -1, -1};

    private final Target target;
    private final long startNs;
    private final long pid;

    private StartedBroker(Target target, long startNs, long pid) {
        this.target = target;
        this.startNs = startNs;
        this.pid = pid;
    }

    /** Runs the command and returns when it has told the pid. */
    static StartedBroker start(Target target, boolean keep) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        "sh", "-c", target.startCommand().orElseThrow())
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().remove("KEEP");
        if (keep) {
            builder.environment().put("KEEP", "1");
        }
        long startNs = System.nanoTime();
        Process shell = builder.start();
        String[] lines = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .strip()
                .split("\n");
        return new StartedBroker(target, startNs, Long.parseLong(lines[lines.length - 1].strip()));
    }

    ProcessStats stats() {
        return ProcessStats.read(pid);
    }

    /** Seconds since the command was run. */
    double wallS() {
        return (System.nanoTime() - startNs) / 1e9;
    }

    /** Blocks until it answers to ApiVersions. */
    void awaitAnswer() throws InterruptedException, IOException {
        String bootstrap = target.bootstrap();
        int colon = bootstrap.lastIndexOf(':');
        InetSocketAddress address =
                new InetSocketAddress(bootstrap.substring(0, colon), Integer.parseInt(bootstrap.substring(colon + 1)));
        while (!answers(address)) {
            if (wallS() > GIVE_UP_S) {
                throw new IOException("nothing answers on " + bootstrap + " within " + GIVE_UP_S + " s");
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

    /** As {@code kill -9}; blocks until the process is gone. */
    void kill() throws InterruptedException {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        awaitGone();
    }

    /** As {@code kill}; blocks until the process is gone, or this thread is interrupted. */
    @Override
    public void close() {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
        try {
            awaitGone();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitGone() throws InterruptedException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(GIVE_UP_S);
        while (ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent()) {
            if (System.nanoTime() > deadlineNs) {
                throw new IllegalStateException("process " + pid + " of " + target.name() + " does not stop");
            }
            Thread.sleep(10);
        }
    }
}
