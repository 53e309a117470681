package io.llamastreams.training.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFileTest {

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void nameFile() {
        file = folder.resolve("run.checkpoint");
    }

    @Test
    void bringsEveryBitBack() throws IOException {
        float[] odd = {
            0f,
            -0f,
            Float.MIN_VALUE,
            -Float.MAX_VALUE,
            Float.NEGATIVE_INFINITY,
            Float.NaN,
            Float.intBitsToFloat(0x7FC0_1234),
            Float.intBitsToFloat(0xFFFF_FFFF),
            Float.intBitsToFloat(0x7F80_0001), // a signalling one
        };
        float[] others = {1, 2, 3, 4, 5, 6, 7, 8, 9};
        Map<String, String> state = Map.of("seed", "42", "position", "", "läng\n", "\u0000\uD83D\uDE00");
        CheckpointFile.write(file, new Checkpoint("sha256:ab", "pretrain", 12, 34, odd, others, odd, state));
        Checkpoint found = CheckpointFile.read(file);
        assertThat(found.recipeDigest()).isEqualTo("sha256:ab");
        assertThat(found.phase()).isEqualTo("pretrain");
        assertThat(found.phaseSteps()).isEqualTo(12);
        assertThat(found.optimiserSteps()).isEqualTo(34);
        assertThat(found.state()).isEqualTo(state);
        assertThat(bits(found.weights())).isEqualTo(bits(odd));
        assertThat(bits(found.firstMoments())).isEqualTo(bits(others));
        assertThat(bits(found.secondMoments())).isEqualTo(bits(odd));
    }

    /** The buffer takes 262,144 numbers at once. */
    @Test
    void bringsBackAnyLength() throws IOException {
        for (int count : new int[] {0, 1, 262_143, 262_144, 262_145, 600_001}) {
            Checkpoint written = checkpoint(count, count);
            CheckpointFile.write(file, written);
            Checkpoint found = CheckpointFile.read(file, "digest", count);
            assertThat(found.weights()).isEqualTo(written.weights());
            assertThat(found.firstMoments()).isEqualTo(written.firstMoments());
            assertThat(found.secondMoments()).isEqualTo(written.secondMoments());
        }
    }

    @Test
    void writesEqualCheckpointsToEqualBytes() throws IOException {
        CheckpointFile.write(file, checkpoint(7, 1));
        byte[] first = Files.readAllBytes(file);
        CheckpointFile.write(file, checkpoint(7, 1));
        assertThat(Files.readAllBytes(file)).isEqualTo(first);
    }

    @Test
    void rejectsFilesCutAnywhere() throws IOException {
        CheckpointFile.write(file, checkpoint(9, 1));
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatExceptionOfType(CheckpointException.class)
                    .as("%d of %d bytes", length, whole.length)
                    .isThrownBy(() -> CheckpointFile.read(file))
                    .withMessage(
                            "%s: bytes: expected %s, found %d",
                            file, length < 20 ? "at least 20" : whole.length, length);
        }
    }

    @Test
    void rejectsFilesThatGoOn() throws IOException {
        CheckpointFile.write(file, checkpoint(9, 1));
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length + 1));
        assertThatExceptionOfType(CheckpointException.class).isThrownBy(() -> CheckpointFile.read(file));
    }

    @Test
    void rejectsEveryFlippedBit() throws IOException {
        CheckpointFile.write(file, checkpoint(9, 1));
        byte[] whole = Files.readAllBytes(file);
        for (int bit = 0; bit < 8 * whole.length; bit++) {
            byte[] damaged = whole.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, damaged);
            assertThatExceptionOfType(CheckpointException.class)
                    .as("bit %d of %d", bit, 8 * whole.length)
                    .isThrownBy(() -> CheckpointFile.read(file))
                    .withMessageMatching(".*run\\.checkpoint: .+: expected .+, found .+");
        }
    }

    @Test
    void rejectsForeignFiles() throws IOException {
        Files.writeString(file, "GGUF and then some more that is no checkpoint");
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> CheckpointFile.read(file))
                .withMessageStartingWith(file + ": magic: expected 0a4e49415254534c, found ");
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> CheckpointFile.read(folder.resolve("absent")));
    }

    @Test
    void rejectsOtherRecipesAndShapes() throws IOException {
        CheckpointFile.write(file, checkpoint(9, 1));
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> CheckpointFile.read(file, "digest", 10))
                .withMessage("%s: weights: expected 10, found 9", file);
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> CheckpointFile.read(file, "other", 9))
                .withMessage("%s: recipe: expected other, found digest", file);
    }

    @Test
    void keepsTheOldFileWhenAnyByteCannotBeWritten() throws IOException {
        CheckpointFile.write(file, checkpoint(9, 1));
        byte[] old = Files.readAllBytes(file);
        for (int room = 0; room < old.length; room++) {
            int bytes = room;
            assertThatIOException()
                    .isThrownBy(() -> CheckpointFile.write(file, checkpoint(9, 2), out -> new FullDisk(out, bytes)))
                    .withMessage("disk full");
            assertThat(Files.readAllBytes(file)).isEqualTo(old);
            assertThat(filesInFolder()).as("nothing beside the old file").isOne();
        }
        CheckpointFile.write(file, checkpoint(9, 2), out -> new FullDisk(out, old.length));
        assertThat(CheckpointFile.read(file).weights())
                .isEqualTo(checkpoint(9, 2).weights());
    }

    @Test
    void keepsTheOldFileWhenTheTemporaryOneCannotBeMade() throws IOException {
        CheckpointFile.write(file, checkpoint(9, 1));
        byte[] old = Files.readAllBytes(file);
        Files.createDirectories(folder.resolve("run.checkpoint.tmp/in-the-way"));
        assertThatIOException().isThrownBy(() -> CheckpointFile.write(file, checkpoint(9, 2)));
        assertThat(Files.readAllBytes(file)).isEqualTo(old);
    }

    @Test
    void writesOverWhatACrashLeft() throws IOException {
        Files.write(folder.resolve("run.checkpoint.tmp"), new byte[10_000]);
        CheckpointFile.write(file, checkpoint(9, 1));
        assertThat(CheckpointFile.read(file).weights()).hasSize(9);
        assertThat(filesInFolder()).isOne();
    }

    @Test
    void rejectsTextsThatAreTooLong() {
        Map<String, String> long1 = Map.of("key", "x".repeat(65_536));
        assertThatIllegalArgumentException().isThrownBy(() -> CheckpointFile.write(file, withState(long1)));
        assertThat(file).doesNotExist();
    }

    @Test
    void rejectsCheckpointsThatAreNone() {
        float[] two = new float[2];
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Checkpoint("digest", "phase", 0, 0, two, two, new float[3], Map.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Checkpoint("digest", "phase", -1, 0, two, two, two, Map.of()));
    }

    private static Checkpoint withState(Map<String, String> state) {
        return new Checkpoint("digest", "pretrain", 1, 1, new float[1], new float[1], new float[1], state);
    }

    private static Checkpoint checkpoint(int weightCount, long seed) {
        Random random = new Random(seed);
        float[][] arrays = new float[3][weightCount];
        for (float[] array : arrays) {
            for (int i = 0; i < weightCount; i++) {
                array[i] = random.nextFloat();
            }
        }
        Map<String, String> state = Map.of("seed", "5", "position", "77", "shuffle", "3");
        return new Checkpoint("digest", "pretrain", 120, 120, arrays[0], arrays[1], arrays[2], state);
    }

    private static int[] bits(float[] numbers) {
        int[] bits = new int[numbers.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(numbers[i]);
        }
        return bits;
    }

    private long filesInFolder() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }

    /** Has room for so many bytes. */
    private static final class FullDisk extends FilterOutputStream {
        private int room;

        FullDisk(OutputStream out, int room) {
            super(out);
            this.room = room;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            int written = Math.min(room, length);
            out.write(bytes, offset, written);
            room -= written;
            if (written < length) {
                throw new IOException("disk full");
            }
        }
    }
}
