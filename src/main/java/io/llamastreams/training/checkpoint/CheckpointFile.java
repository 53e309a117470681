package io.llamastreams.training.checkpoint;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;

/**
 * The file that holds a {@link Checkpoint}. Numbers are little-endian.
 *
 * <pre>
 *       0   8        magic, "LSTRAIN\n"
 *       8   4        version, 1
 *      12   4        T, bytes of the text block
 *      16   4        N, number of weights
 *      20   T        text block, written by DataOutputStream:
 *                    recipe digest, phase, steps in phase, optimiser steps, number of entries, keys and values
 *  20 + T   3 * 4N   weights, first moments, second moments
 *      end  4        CRC-32C of all before
 * </pre>
 *
 * The length follows from T and N, and equal checkpoints give equal files. Training thread only.
 */
public final class CheckpointFile {
    private static final long MAGIC = ByteBuffer.wrap("LSTRAIN\n".getBytes(StandardCharsets.US_ASCII))
            .order(ByteOrder.LITTLE_ENDIAN)
            .getLong();
    private static final int VERSION = 1;
    private static final int HEADER_BYTES = 20;
    private static final int CHECKSUM_BYTES = 4;
    private static final int MAX_TEXT_BYTES = 1 << 20;
    private static final int BUFFER_BYTES = 1 << 20;

    private CheckpointFile() {}

    /**
     * Writes the checkpoint in place of {@code file}. Until all is on disk an older file stays as it was; a temporary file
     * lies beside it meanwhile.
     *
     * @throws IOException if it cannot be written: the older file is still there
     * @throws IllegalArgumentException if the texts take more than 1 MB, or one of them more than 65,535 bytes
     */
    public static void write(Path file, Checkpoint checkpoint) throws IOException {
        write(file, checkpoint, UnaryOperator.identity());
    }

    /** As {@link #write(Path, Checkpoint)}, through a stream on the way to the temporary file that tests let fail. */
    static void write(Path file, Checkpoint checkpoint, UnaryOperator<OutputStream> way) throws IOException {
        byte[] text = text(checkpoint);
        Path target = file.toAbsolutePath();
        Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                new Writer(way.apply(Channels.newOutputStream(channel))).write(checkpoint, text);
                channel.force(true);
            }
            moveInPlace(temporary, target);
        } catch (IOException e) {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
        forceFolder(target.getParent());
    }

    private static void moveInPlace(Path temporary, Path target) throws IOException {
        try {
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            // Rare; there a crash may cost the older file, but no half file is taken for a whole one.
            Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Brings the new name to disk as well. Windows opens no folders and needs no such thing. */
    private static void forceFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // The file itself is whole; after a crash of the machine the older one may be found, which is as good.
        }
    }

    private static byte[] text(Checkpoint checkpoint) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(checkpoint.recipeDigest());
            out.writeUTF(checkpoint.phase());
            out.writeInt(checkpoint.phaseSteps());
            out.writeInt(checkpoint.optimiserSteps());
            out.writeInt(checkpoint.state().size());
            for (Map.Entry<String, String> entry : new TreeMap<>(checkpoint.state()).entrySet()) {
                out.writeUTF(entry.getKey());
                out.writeUTF(entry.getValue());
            }
        } catch (IOException e) {
            // Memory takes everything, so only a text that is too long for writeUTF comes here.
            throw new IllegalArgumentException("text of the checkpoint: expected at most 65535 bytes each", e);
        }
        if (bytes.size() > MAX_TEXT_BYTES) {
            throw new IllegalArgumentException(
                    "texts of the checkpoint: expected at most " + MAX_TEXT_BYTES + " bytes, found " + bytes.size());
        }
        return bytes.toByteArray();
    }

    /**
     * Reads a whole checkpoint.
     *
     * @throws CheckpointException if the file is no checkpoint or is damaged
     * @throws IOException if the file cannot be read, or is not there
     */
    public static Checkpoint read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return new Reader(file, channel).read();
        }
    }

    /**
     * Reads a checkpoint of this very recipe and model.
     *
     * @throws CheckpointException if the file is no checkpoint, is damaged, or belongs to another recipe or shape
     * @throws IOException if the file cannot be read, or is not there
     */
    public static Checkpoint read(Path file, String recipeDigest, int weightCount) throws IOException {
        Checkpoint checkpoint = read(file);
        if (checkpoint.weights().length != weightCount) {
            throw new CheckpointException(file, "weights", weightCount, checkpoint.weights().length);
        }
        if (!checkpoint.recipeDigest().equals(recipeDigest)) {
            throw new CheckpointException(file, "recipe", recipeDigest, checkpoint.recipeDigest());
        }
        return checkpoint;
    }

    private static long fileBytes(int textBytes, int weightCount) {
        return HEADER_BYTES + textBytes + 3L * Float.BYTES * weightCount + CHECKSUM_BYTES;
    }

    private static ByteBuffer buffer() {
        return ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static final class Writer {
        private final OutputStream out;
        private final CRC32C checksum = new CRC32C();
        private final ByteBuffer buffer = buffer();

        Writer(OutputStream out) {
            this.out = out;
        }

        void write(Checkpoint checkpoint, byte[] text) throws IOException {
            buffer.putLong(MAGIC).putInt(VERSION).putInt(text.length).putInt(checkpoint.weights().length);
            drain();
            buffer.put(text);
            drain();
            write(checkpoint.weights());
            write(checkpoint.firstMoments());
            write(checkpoint.secondMoments());
            buffer.putInt((int) checksum.getValue());
            drain();
        }

        private void write(float[] numbers) throws IOException {
            int count;
            for (int i = 0; i < numbers.length; i += count) {
                count = Math.min(numbers.length - i, BUFFER_BYTES / Float.BYTES);
                // Copies bits as they are; a float by itself might lose which NaN it is.
                buffer.asFloatBuffer().put(numbers, i, count);
                buffer.position(count * Float.BYTES);
                drain();
            }
        }

        private void drain() throws IOException {
            buffer.flip();
            checksum.update(buffer.array(), 0, buffer.limit());
            out.write(buffer.array(), 0, buffer.limit());
            buffer.clear();
        }
    }

    private static final class Reader {
        private final Path file;
        private final FileChannel channel;
        private final CRC32C checksum = new CRC32C();
        private final ByteBuffer buffer = buffer();

        Reader(Path file, FileChannel channel) {
            this.file = file;
            this.channel = channel;
        }

        Checkpoint read() throws IOException {
            long foundBytes = channel.size();
            if (foundBytes < HEADER_BYTES) {
                throw new CheckpointException(file, "bytes", "at least " + HEADER_BYTES, foundBytes);
            }
            fill(HEADER_BYTES);
            long magic = buffer.getLong();
            if (magic != MAGIC) {
                throw new CheckpointException(file, "magic", hex(MAGIC), hex(magic));
            }
            check("version", VERSION, buffer.getInt());
            int textBytes = buffer.getInt();
            if (textBytes < 0 || textBytes > MAX_TEXT_BYTES) {
                throw new CheckpointException(file, "bytes of text", "at most " + MAX_TEXT_BYTES, textBytes);
            }
            int weightCount = buffer.getInt();
            if (weightCount < 0) {
                throw new CheckpointException(file, "weights", "at least 0", weightCount);
            }
            // Before memory is taken: no number out of a damaged file may ask for more than the file holds.
            check("bytes", fileBytes(textBytes, weightCount), foundBytes);

            fill(textBytes);
            byte[] text = new byte[textBytes];
            buffer.get(text);
            float[] weights = floats(weightCount);
            float[] firstMoments = floats(weightCount);
            float[] secondMoments = floats(weightCount);
            int computed = (int) checksum.getValue();
            fill(CHECKSUM_BYTES);
            int stored = buffer.getInt();
            if (stored != computed) {
                throw new CheckpointException(file, "checksum", hex(stored), hex(computed));
            }
            return checkpoint(text, weights, firstMoments, secondMoments);
        }

        private void check(String thing, long expected, long found) {
            if (found != expected) {
                throw new CheckpointException(file, thing, expected, found);
            }
        }

        private float[] floats(int numbers) throws IOException {
            float[] floats = new float[numbers];
            int count;
            for (int i = 0; i < numbers; i += count) {
                count = Math.min(numbers - i, BUFFER_BYTES / Float.BYTES);
                fill(count * Float.BYTES);
                buffer.asFloatBuffer().get(floats, i, count);
            }
            return floats;
        }

        private void fill(int bytes) throws IOException {
            buffer.clear().limit(bytes);
            while (buffer.hasRemaining()) {
                if (channel.read(buffer) < 0) {
                    throw new CheckpointException(file, "bytes", "more", channel.position());
                }
            }
            buffer.flip();
            checksum.update(buffer.array(), 0, bytes);
        }

        /** The checksum was right, so whatever goes wrong here was written so. */
        private Checkpoint checkpoint(byte[] text, float[] weights, float[] firstMoments, float[] secondMoments) {
            try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(text))) {
                String recipeDigest = in.readUTF();
                String phase = in.readUTF();
                int phaseSteps = in.readInt();
                int optimiserSteps = in.readInt();
                int entries = in.readInt();
                Map<String, String> state = new HashMap<>();
                for (int i = 0; i < entries; i++) {
                    state.put(in.readUTF(), in.readUTF());
                }
                if (in.available() != 0) {
                    throw new EOFException(in.available() + " bytes too many");
                }
                return new Checkpoint(
                        recipeDigest, phase, phaseSteps, optimiserSteps, weights, firstMoments, secondMoments, state);
            } catch (IOException | IllegalArgumentException e) {
                throw new CheckpointException(file, "text block", "digest, phase, steps and entries", e);
            }
        }

        private static String hex(long number) {
            return String.format("%016x", number);
        }

        private static String hex(int number) {
            return String.format("%08x", number);
        }
    }
}
