package io.llamastreams.app.terminal;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The user's terminal: results on standard output, everything else on standard error.
 *
 * <p>Standard output is always UTF-8 and carries nothing but what was asked for, so that it can be piped. Any thread.
 */
public final class Console {
    private final OutputGuard guard;
    private final PrintStream out;
    private final PrintStream err;
    private final boolean errorIsTerminal;
    private final LongSupplier nanoClock;

    /**
     * @param output takes the results, as UTF-8; closed by nobody
     * @param errorIsTerminal whether {@code err} can redraw a line, as a progress bar does
     */
    public Console(OutputStream output, PrintStream err, boolean errorIsTerminal, LongSupplier nanoClock) {
        guard = new OutputGuard(output);
        out = new PrintStream(new BufferedOutputStream(guard, 1 << 16), false, StandardCharsets.UTF_8);
        this.err = err;
        this.errorIsTerminal = errorIsTerminal;
        this.nanoClock = nanoClock;
    }

    /** Of this process: a buffered standard output in UTF-8, standard error as it is. */
    public static Console ofProcess() {
        return new Console(new FileOutputStream(FileDescriptor.out), System.err, isTerminal(2), System::nanoTime);
    }

    @SuppressWarnings("SystemConsoleNull") // since Java 25 it is null again where no terminal is
    private static boolean isTerminal(int fileDescriptor) {
        if ("dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        Path link = Path.of("/proc/self/fd/" + fileDescriptor);
        try {
            String target = Files.readSymbolicLink(link).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            // No such file system here: Java knows only whether input and output together are a terminal.
            return System.console() != null && System.console().isTerminal();
        }
    }

    /** Standard output, UTF-8, buffered; {@link #flush} where somebody waits for it. Results only. */
    public PrintStream out() {
        return out;
    }

    /** Standard output for bulk results: unlike {@link #out} it tells its errors. Closing it only flushes. */
    public OutputStream bulkOutput() {
        out.flush();
        return new FilterOutputStream(guard) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                guard.write(bytes, offset, length);
            }

            @Override
            public void close() throws IOException {
                guard.flush();
            }
        };
    }

    /** Prints one line of JSON on standard output. */
    public void jsonLine(String json) {
        out.print(json);
        out.print('\n');
    }

    /** Tells the user something on standard error. */
    public void info(String line) {
        err.println(line);
    }

    public void warn(String line) {
        err.println("warning: " + line);
    }

    public void error(String line) {
        err.println("error: " + line);
    }

    public void stackTrace(Throwable error) {
        error.printStackTrace(err);
    }

    /** Whether somebody watches standard error. */
    public boolean isInteractive() {
        return errorIsTerminal;
    }

    /**
     * Shows how far a long piece of work is: a bar that is redrawn on a terminal, else a line now and then, both on
     * standard error.
     *
     * @param task what is done, one or two words
     * @param total number of steps, or -1 if it is not known
     * @param unit what one step is, in the plural
     */
    public Progress progress(String task, long total, String unit) {
        return errorIsTerminal
                ? new BarProgress(err, task, total, unit)
                : new LineProgress(this::info, nanoClock, task, total, unit);
    }

    public void flush() {
        out.flush();
        err.flush();
    }

    /** Flushes; tells the first error of standard output, such as a full disk or a reader that has gone. */
    public Optional<IOException> lostOutput() {
        out.flush();
        return guard.error();
    }

    public PrintWriter outWriter() {
        return new PrintWriter(out, true, StandardCharsets.UTF_8);
    }

    public PrintWriter errorWriter() {
        return new PrintWriter(err, true, err.charset());
    }
}
