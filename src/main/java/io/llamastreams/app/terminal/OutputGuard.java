package io.llamastreams.app.terminal;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/** Remembers the first error of a stream, which a PrintStream around it would hide. */
final class OutputGuard extends FilterOutputStream {
    private volatile IOException error;

    OutputGuard(OutputStream target) {
        super(target);
    }

    Optional<IOException> error() {
        return Optional.ofNullable(error);
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            remember(e);
            throw e;
        }
    }

    @Override
    public void flush() throws IOException {
        try {
            out.flush();
        } catch (IOException e) {
            remember(e);
            throw e;
        }
    }

    private void remember(IOException e) {
        if (error == null) {
            error = e;
        }
    }
}
