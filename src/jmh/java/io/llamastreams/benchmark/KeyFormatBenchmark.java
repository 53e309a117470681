package io.llamastreams.benchmark;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What other formats of keys would gain: the scores of one or four queries at 2,048 positions, keys as f32, f16, bf16, or
 * bytes with a scale for each page and head (the largest magnitude over 127). Pages of 16 positions as the engine has them,
 * heads of 128; read from memory, on one thread. Besides the time it prints the relative error of the scores (their root mean
 * square against f32's). The engine itself has f32 and f16.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class KeyFormatBenchmark {
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final int L = F.length();
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final VectorSpecies<Short> S = VectorSpecies.of(short.class, VectorShape.forBitSize(L * 16));
    private static final VectorSpecies<Byte> B = VectorSpecies.of(byte.class, VectorShape.forBitSize(L * 8));
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int PAGE = 16;
    private static final int HEAD = 128;
    private static final int POSITIONS = 2048;
    private static final long ALL_BYTES = 192L << 20;

    /** Formats of keys. */
    public enum Format {
        F32(4),
        F16(2),
        BF16(2),
        INT8(1);

        private final int bytes;

        Format(int bytes) {
            this.bytes = bytes;
        }
    }

    @Param({"F32", "F16", "BF16", "INT8"})
    public Format format;

    @Param({"1", "4"})
    public int queries;

    private Arena arena;
    private MemorySegment keys;
    private float[] scales;
    private float[] q;
    private float[] scores;
    private int contexts;
    private int next;

    @Setup
    public void setUp() {
        arena = Arena.ofShared();
        long contextBytes = (long) format.bytes * HEAD * POSITIONS;
        contexts = (int) (ALL_BYTES / contextBytes);
        keys = arena.allocate(contextBytes * contexts, 64);
        float[] numbers = RandomNumbers.normal(1, HEAD * POSITIONS, 1);
        scales = new float[POSITIONS / PAGE];
        for (int context = 0; context < contexts; context++) {
            encode(numbers, context * contextBytes);
        }
        q = RandomNumbers.normal(2, 4 * HEAD, 1);
        scores = new float[4 * POSITIONS];
        score(0);
        System.out.println(format + ": relative error of scores " + error(numbers));
    }

    private void encode(float[] numbers, long at) {
        for (int page = 0; page < POSITIONS / PAGE; page++) {
            float largest = 0;
            for (int i = page * PAGE * HEAD; i < (page + 1) * PAGE * HEAD; i++) {
                largest = Math.max(largest, Math.abs(numbers[i]));
            }
            scales[page] = largest / 127;
            for (int i = page * PAGE * HEAD; i < (page + 1) * PAGE * HEAD; i++) {
                long to = at + (long) format.bytes * i;
                float x = numbers[i];
                switch (format) {
                    case F32 -> keys.set(ValueLayout.JAVA_FLOAT, to, x);
                    case F16 -> keys.set(ValueLayout.JAVA_SHORT, to, Float.floatToFloat16(x));
                    case BF16 -> {
                        int bits = Float.floatToRawIntBits(x);
                        keys.set(ValueLayout.JAVA_SHORT, to, (short) (bits + 0x7fff + (bits >> 16 & 1) >> 16));
                    }
                    case INT8 -> keys.set(ValueLayout.JAVA_BYTE, to, (byte) Math.rint(x / scales[page]));
                }
            }
        }
    }

    private double error(float[] numbers) {
        double errors = 0;
        double squares = 0;
        for (int position = 0; position < POSITIONS; position++) {
            double exact = 0;
            for (int d = 0; d < HEAD; d++) {
                exact += (double) q[d] * numbers[(position / PAGE * HEAD + d) * PAGE + position % PAGE];
            }
            errors += (exact - scores[position]) * (exact - scores[position]);
            squares += exact * exact;
        }
        return Math.sqrt(errors / squares);
    }

    @Benchmark
    public float[] scores() {
        next = next + 1 == contexts ? 0 : next + 1;
        score((long) next * format.bytes * HEAD * POSITIONS);
        return scores;
    }

    private void score(long at) {
        long pageBytes = (long) format.bytes * HEAD * PAGE;
        for (int page = 0; page < POSITIONS / PAGE; page++) {
            for (int v = 0; v < PAGE; v += L) {
                long from = at + page * pageBytes + (long) format.bytes * v;
                int to = page * PAGE + v;
                if (queries == 1) {
                    switch (format) {
                        case F32 -> floats1(keys, from, q, scores, to);
                        case F16 -> halves1(keys, from, q, scores, to);
                        case BF16 -> bfloats1(keys, from, q, scores, to);
                        case INT8 -> bytes1(keys, from, q, scores, to, scales[page]);
                    }
                } else {
                    switch (format) {
                        case F32 -> floats4(keys, from, q, scores, to);
                        case F16 -> halves4(keys, from, q, scores, to);
                        case BF16 -> bfloats4(keys, from, q, scores, to);
                        case INT8 -> bytes4(keys, from, q, scores, to, scales[page]);
                    }
                }
            }
        }
    }

    private static void floats1(MemorySegment keys, long at, float[] q, float[] scores, int to) {
        FloatVector a0 = FloatVector.zero(F);
        for (int d = 0; d < HEAD; d++) {
            FloatVector key = FloatVector.fromMemorySegment(F, keys, at + 4L * PAGE * d, LE);
            a0 = key.fma(FloatVector.broadcast(F, q[d]), a0);
        }
        a0.intoArray(scores, to);
    }

    private static void halves1(MemorySegment keys, long at, float[] q, float[] scores, int to) {
        FloatVector a0 = FloatVector.zero(F);
        for (int d = 0; d < HEAD; d++) {
            FloatVector key = ((IntVector) ShortVector.fromMemorySegment(S, keys, at + 2L * PAGE * d, LE)
                            .convertShape(VectorOperators.S2I, I, 0))
                    .lanewise(VectorOperators.LSHL, 13)
                    .and(0x8fffe000)
                    .reinterpretAsFloats();
            a0 = key.fma(FloatVector.broadcast(F, q[d]), a0);
        }
        a0.mul(0x1p112f).intoArray(scores, to);
    }

    private static void bfloats1(MemorySegment keys, long at, float[] q, float[] scores, int to) {
        FloatVector a0 = FloatVector.zero(F);
        for (int d = 0; d < HEAD; d++) {
            FloatVector key = ((IntVector) ShortVector.fromMemorySegment(S, keys, at + 2L * PAGE * d, LE)
                            .convertShape(VectorOperators.S2I, I, 0))
                    .lanewise(VectorOperators.LSHL, 16)
                    .reinterpretAsFloats();
            a0 = key.fma(FloatVector.broadcast(F, q[d]), a0);
        }
        a0.intoArray(scores, to);
    }

    private static void bytes1(MemorySegment keys, long at, float[] q, float[] scores, int to, float scale) {
        FloatVector a0 = FloatVector.zero(F);
        for (int d = 0; d < HEAD; d++) {
            FloatVector key = (FloatVector) ByteVector.fromMemorySegment(B, keys, at + (long) PAGE * d, LE)
                    .convertShape(VectorOperators.B2F, F, 0);
            a0 = key.fma(FloatVector.broadcast(F, q[d]), a0);
        }
        a0.mul(scale).intoArray(scores, to);
    }

    private static void floats4(MemorySegment keys, long at, float[] q, float[] scores, int to) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = FloatVector.zero(F);
        FloatVector a2 = FloatVector.zero(F);
        FloatVector a3 = FloatVector.zero(F);
        for (int d = 0; d < HEAD; d++) {
            FloatVector key = FloatVector.fromMemorySegment(F, keys, at + 4L * PAGE * d, LE);
            a0 = key.fma(FloatVector.broadcast(F, q[d]), a0);
            a1 = key.fma(FloatVector.broadcast(F, q[1 * HEAD + d]), a1);
            a2 = key.fma(FloatVector.broadcast(F, q[2 * HEAD + d]), a2);
            a3 = key.fma(FloatVector.broadcast(F, q[3 * HEAD + d]), a3);
        }
        a0.intoArray(scores, to);
        a1.intoArray(scores, to + 1 * POSITIONS);
        a2.intoArray(scores, to + 2 * POSITIONS);
        a3.intoArray(scores, to + 3 * POSITIONS);
    }

    private static void halves4(MemorySegment keys, long at, float[] q, float[] scores, int to) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = FloatVector.zero(F);
        FloatVector a2 = FloatVector.zero(F);
        FloatVector a3 = FloatVector.zero(F);
        for (int d = 0; d < HEAD; d++) {
            FloatVector key = ((IntVector) ShortVector.fromMemorySegment(S, keys, at + 2L * PAGE * d, LE)
                            .convertShape(VectorOperators.S2I, I, 0))
                    .lanewise(VectorOperators.LSHL, 13)
                    .and(0x8fffe000)
                    .reinterpretAsFloats();
            a0 = key.fma(FloatVector.broadcast(F, q[d]), a0);
            a1 = key.fma(FloatVector.broadcast(F, q[1 * HEAD + d]), a1);
            a2 = key.fma(FloatVector.broadcast(F, q[2 * HEAD + d]), a2);
            a3 = key.fma(FloatVector.broadcast(F, q[3 * HEAD + d]), a3);
        }
        a0.mul(0x1p112f).intoArray(scores, to);
        a1.mul(0x1p112f).intoArray(scores, to + 1 * POSITIONS);
        a2.mul(0x1p112f).intoArray(scores, to + 2 * POSITIONS);
        a3.mul(0x1p112f).intoArray(scores, to + 3 * POSITIONS);
    }

    private static void bfloats4(MemorySegment keys, long at, float[] q, float[] scores, int to) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = FloatVector.zero(F);
        FloatVector a2 = FloatVector.zero(F);
        FloatVector a3 = FloatVector.zero(F);
        for (int d = 0; d < HEAD; d++) {
            FloatVector key = ((IntVector) ShortVector.fromMemorySegment(S, keys, at + 2L * PAGE * d, LE)
                            .convertShape(VectorOperators.S2I, I, 0))
                    .lanewise(VectorOperators.LSHL, 16)
                    .reinterpretAsFloats();
            a0 = key.fma(FloatVector.broadcast(F, q[d]), a0);
            a1 = key.fma(FloatVector.broadcast(F, q[1 * HEAD + d]), a1);
            a2 = key.fma(FloatVector.broadcast(F, q[2 * HEAD + d]), a2);
            a3 = key.fma(FloatVector.broadcast(F, q[3 * HEAD + d]), a3);
        }
        a0.intoArray(scores, to);
        a1.intoArray(scores, to + 1 * POSITIONS);
        a2.intoArray(scores, to + 2 * POSITIONS);
        a3.intoArray(scores, to + 3 * POSITIONS);
    }

    private static void bytes4(MemorySegment keys, long at, float[] q, float[] scores, int to, float scale) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = FloatVector.zero(F);
        FloatVector a2 = FloatVector.zero(F);
        FloatVector a3 = FloatVector.zero(F);
        for (int d = 0; d < HEAD; d++) {
            FloatVector key = (FloatVector) ByteVector.fromMemorySegment(B, keys, at + (long) PAGE * d, LE)
                    .convertShape(VectorOperators.B2F, F, 0);
            a0 = key.fma(FloatVector.broadcast(F, q[d]), a0);
            a1 = key.fma(FloatVector.broadcast(F, q[1 * HEAD + d]), a1);
            a2 = key.fma(FloatVector.broadcast(F, q[2 * HEAD + d]), a2);
            a3 = key.fma(FloatVector.broadcast(F, q[3 * HEAD + d]), a3);
        }
        a0.mul(scale).intoArray(scores, to);
        a1.mul(scale).intoArray(scores, to + 1 * POSITIONS);
        a2.mul(scale).intoArray(scores, to + 2 * POSITIONS);
        a3.mul(scale).intoArray(scores, to + 3 * POSITIONS);
    }

    @TearDown
    public void tearDown() {
        arena.close();
    }
}
