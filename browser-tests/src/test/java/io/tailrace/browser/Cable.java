// SPDX-License-Identifier: Apache-2.0
package io.tailrace.browser;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The network between a browser and a node, which can be cut. */
final class Cable implements AutoCloseable {

    private final ServerSocket server;
    private final int target;
    private final Set<Socket> ends = ConcurrentHashMap.newKeySet();
    private final AtomicLong toBrowser = new AtomicLong();
    private volatile boolean cut;

    Cable(int target) throws IOException {
        this.target = target;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** Bytes from the node so far. */
    long toBrowser() {
        return toBrowser.get();
    }

    /** What is open breaks, with whatever is under way in it; what is dialled is refused. */
    void cut() {
        cut = true;
        ends.forEach(Cable::drop);
    }

    void mend() {
        cut = false;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket near = server.accept();
                Thread.ofVirtual().start(() -> join(near));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void join(Socket near) {
        try (near;
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target)) {
            ends.add(near);
            ends.add(far);
            if (!cut) {
                Thread back = Thread.ofVirtual().start(() -> carry(far, near, toBrowser));
                carry(near, far, new AtomicLong());
                back.join();
            }
        } catch (IOException | InterruptedException gone) {
            drop(near);
        } finally {
            ends.remove(near);
        }
    }

    private static void carry(Socket from, Socket to, AtomicLong carried) {
        byte[] bytes = new byte[16 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                out.write(bytes, 0, read);
                carried.addAndGet(read);
            }
        } catch (IOException gone) {
            // the other end hears of it below
        }
        drop(to);
        drop(from);
    }

    private static void drop(Socket socket) {
        try {
            socket.close();
        } catch (IOException gone) {
            // it is
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
    }
}
