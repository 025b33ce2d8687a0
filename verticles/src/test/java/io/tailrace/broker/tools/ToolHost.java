// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.tools;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Runs the mains of Apache Kafka's tools, one after the other, in one process: a JVM for each would take most of the time of the test.
 *
 * <p>Runs on the tools' class path and knows nothing but the JDK; Kafka's classes are reached by name, since this file is compiled beside
 * other versions of them. What it reads from its standard input are commands: class, number of arguments, arguments, length and bytes of the
 * standard input. What it writes to its standard output are results: exit code, length and bytes of what the tool printed (both streams,
 * as on a terminal).
 */
public final class ToolHost {

    private static final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private static final Queue<Runnable> shutdownHooks = new ConcurrentLinkedQueue<>();
    private static volatile Exited exited;

    private ToolHost() {}

    public static void main(String[] unused) throws Exception {
        DataInputStream commands = new DataInputStream(System.in);
        DataOutputStream results = new DataOutputStream(System.out);
        exitByThrowing();
        // Says once that there is no logging; better here than in what the first tool prints.
        Class.forName("org.slf4j.LoggerFactory").getMethod("getILoggerFactory").invoke(null);
        while (true) {
            String tool;
            try {
                tool = commands.readUTF();
            } catch (EOFException done) {
                // Tools leave threads and shutdown hooks behind; nothing of them is wanted.
                Runtime.getRuntime().halt(0);
                return;
            }
            String[] args = new String[commands.readInt()];
            for (int i = 0; i < args.length; i++) {
                args[i] = commands.readUTF();
            }
            byte[] input = commands.readNBytes(commands.readInt());
            answer(results, tool, args, input);
        }
    }

    private static void answer(DataOutputStream results, String tool, String[] args, byte[] input) throws IOException {
        InputStream in = System.in;
        PrintStream out = System.out;
        PrintStream err = System.err;
        printed.reset();
        int code;
        exited = null;
        try (PrintStream terminal = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
            System.setIn(new ByteArrayInputStream(input));
            System.setOut(terminal);
            System.setErr(terminal);
            code = run(tool, args, terminal);
            // The console producer, for one, sends what it has left as it shuts down.
            for (Runnable hook = shutdownHooks.poll(); hook != null; hook = shutdownHooks.poll()) {
                hook.run();
            }
        } finally {
            System.setIn(in);
            System.setOut(out);
            System.setErr(err);
        }
        byte[] told = printed.toByteArray();
        if (exited != null) {
            code = exited.code;
            told = Arrays.copyOf(told, exited.printed);
        }
        results.writeInt(code);
        results.writeInt(told.length);
        results.write(told);
        results.flush();
    }

    private static int run(String tool, String[] args, PrintStream terminal) {
        try {
            Class.forName(tool).getMethod("main", String[].class).invoke(null, (Object) args);
            return 0;
        } catch (InvocationTargetException thrown) {
            tell(thrown.getCause(), terminal);
            return 1;
        } catch (ReflectiveOperationException | LinkageError missing) {
            tell(missing, terminal);
            return 127;
        }
    }

    /** As a JVM tells why its main ended. */
    private static void tell(Throwable failure, PrintStream terminal) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            terminal.println(cause);
            for (StackTraceElement at : cause.getStackTrace()) {
                terminal.println("\tat " + at);
            }
        }
    }

    /**
     * {@code System.exit} would end the host; the tools let their tests put something else in its place. Some tools catch what is thrown here
     * as they catch all else, and say so: what they print after the first exit would never have been printed.
     */
    private static void exitByThrowing() throws ReflectiveOperationException {
        Class<?> exit = Class.forName("org.apache.kafka.common.utils.Exit");
        Class<?> procedure = Class.forName("org.apache.kafka.common.utils.Exit$Procedure");
        Object throwing =
                Proxy.newProxyInstance(ToolHost.class.getClassLoader(), new Class<?>[] {procedure}, (p, m, args) -> {
                    if (exited == null) {
                        System.out.flush();
                        exited = new Exited((int) args[0], printed.size());
                    }
                    throw new IllegalStateException("exit " + args[0]);
                });
        exit.getMethod("setExitProcedure", procedure).invoke(null, throwing);
        exit.getMethod("setHaltProcedure", procedure).invoke(null, throwing);
        Class<?> adder = Class.forName("org.apache.kafka.common.utils.Exit$ShutdownHookAdder");
        Object collecting =
                Proxy.newProxyInstance(ToolHost.class.getClassLoader(), new Class<?>[] {adder}, (p, m, args) -> {
                    shutdownHooks.add((Runnable) args[1]);
                    return null;
                });
        exit.getMethod("setShutdownHookAdder", adder).invoke(null, collecting);
    }

    /** The first exit that a tool asked for, and how many bytes it had printed by then. */
    private record Exited(int code, int printed) {}
}
