package io.llamastreams.model.load;

import io.llamastreams.tensor.kernel.PanelMatrix;
import io.llamastreams.tensor.kernel.RowMatrix;
import io.llamastreams.tensor.kernel.WeightMatrix;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.quant.FiniteNumbers;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Makes matrices of a file's tensors, each on all threads of a pool: they take the next panels in turn, so that a file is read
 * once and nearly in order. One thread calls.
 *
 * <pre>
 * packed:  file -- read --> a panel's rows, in memory of the thread -- checked, laid out --> matrix
 * mapped:  file == mapping, checked once
 * </pre>
 *
 * Reading instead of mapping keeps the file's pages out of this process, and tells by an exception of a file that has become
 * shorter.
 */
final class MatrixReader {
    private static final int LINE_BYTES = 64;

    /** Of one read, which must fit a buffer. */
    private static final long MAX_READ_BYTES = 1L << 30;

    private final Path path;
    private final FileChannel channel;
    private final WorkerPool pool;
    private final SegmentAllocator scratch;
    private final MemorySegment[] rowsOfThread;

    /**
     * For one file.
     *
     * @param path for messages
     * @param scratch must outlive this: a panel's rows for each thread
     */
    MatrixReader(Path path, FileChannel channel, WorkerPool pool, SegmentAllocator scratch) {
        this.path = path;
        this.channel = channel;
        this.pool = pool;
        this.scratch = scratch;
        rowsOfThread = new MemorySegment[pool.threads()];
        Arrays.fill(rowsOfThread, MemorySegment.NULL);
    }

    /** Memory for the copies of these tensors, all of it at once. */
    static SegmentAllocator memoryFor(List<GgufTensor> tensors, Arena owner) {
        long bytes = 0;
        for (GgufTensor tensor : tensors) {
            long packed = PanelMatrix.packedBytes(tensor.type(), rows(tensor), columns(tensor));
            bytes = Math.addExact(bytes, (packed + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES);
        }
        return SegmentAllocator.slicingAllocator(WeightMemory.allocate(bytes, owner));
    }

    /**
     * A copy, laid out for products.
     *
     * @throws ModelFormatException if an f16 number or scale is not finite, or the file cannot be read
     */
    PanelMatrix packed(GgufTensor tensor, SegmentAllocator memory) {
        PanelMatrix matrix = new PanelMatrix(tensor.type(), rows(tensor), columns(tensor), memory);
        long panelBytes = rowBytes(tensor) * PanelMatrix.PANEL_ROWS;
        if (rowsOfThread[0].byteSize() < panelBytes) {
            Arrays.setAll(rowsOfThread, thread -> scratch.allocate(panelBytes, LINE_BYTES));
        }
        run(tensor, matrix, (thread, from, to) -> {
            for (int panel = from; panel < to; panel++) {
                long start = panel * panelBytes;
                long bytes = Math.min(panelBytes, tensor.data().byteSize() - start);
                MemorySegment rows = rowsOfThread[thread].asSlice(0, bytes);
                readFully(rows, tensor.fileOffset() + start);
                matrix.packPanel(panel, rows, 0);
            }
        });
        return matrix;
    }

    /**
     * The mapped tensor itself, once it has been checked.
     *
     * @throws ModelFormatException if an f16 number or scale is not finite
     */
    RowMatrix mapped(GgufTensor tensor) {
        RowMatrix matrix = new RowMatrix(tensor.type(), rows(tensor), columns(tensor), tensor.data());
        long rowBytes = rowBytes(tensor);
        run(tensor, matrix, (thread, from, to) -> {
            int first = from * PanelMatrix.PANEL_ROWS;
            int end = Math.min(to * PanelMatrix.PANEL_ROWS, matrix.rows());
            FiniteNumbers.require(tensor.type(), tensor.data(), first * rowBytes, first, end - first, matrix.columns());
        });
        return matrix;
    }

    private void run(GgufTensor tensor, WeightMatrix matrix, WorkerPool.Work work) {
        try {
            pool.run(work, matrix.panels());
        } catch (RuntimeException | InternalError e) {
            // A worker's exception comes wrapped.
            Throwable problem = e instanceof IllegalStateException && e.getCause() != null ? e.getCause() : e;
            throw refusal(tensor, problem);
        }
    }

    private RuntimeException refusal(GgufTensor tensor, Throwable problem) {
        String thing = "tensor " + ModelFormatException.quote(tensor.name()) + ": ";
        return switch (problem) {
            case IllegalArgumentException e -> new ModelFormatException(path, thing + e.getMessage(), e);
            case UncheckedIOException e ->
                e.getCause() instanceof EOFException ? shorter(thing, e) : GgufFile.unreadable(path, e.getCause());
            // Mapped bytes that are no longer there.
            case InternalError e -> shorter(thing, e);
            case RuntimeException e -> e;
            case Error e -> throw e;
            default -> new IllegalStateException(problem);
        };
    }

    private ModelFormatException shorter(String thing, Throwable cause) {
        return new ModelFormatException(path, thing + "the file became shorter while it was read", cause);
    }

    private void readFully(MemorySegment target, long position) {
        try {
            for (long done = 0; done < target.byteSize(); ) {
                ByteBuffer part = target.asSlice(done, Math.min(MAX_READ_BYTES, target.byteSize() - done))
                        .asByteBuffer();
                int count = channel.read(part, position + done);
                if (count < 0) {
                    throw new EOFException();
                }
                done += count;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int rows(GgufTensor tensor) {
        return Math.toIntExact(tensor.rows());
    }

    private static int columns(GgufTensor tensor) {
        return Math.toIntExact(tensor.columns());
    }

    private static long rowBytes(GgufTensor tensor) {
        return tensor.type().bytes(tensor.columns());
    }
}
