package io.llamastreams.tensor.vector;

import io.llamastreams.tensor.kernel.KernelChoice;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.ScalarKernels;
import io.llamastreams.tensor.kernel.ScalarTrainingKernels;
import io.llamastreams.tensor.kernel.TrainingKernels;
import java.lang.reflect.InvocationTargetException;

/** Chooses kernels. Any thread. */
public final class KernelProvider {
    private static final String MODULE = "jdk.incubator.vector";
    private static final String VECTOR_KERNELS = "io.llamastreams.tensor.vector.VectorKernels";
    private static final String VECTOR_TRAINING_KERNELS = "io.llamastreams.tensor.vector.VectorTrainingKernels";

    private KernelProvider() {}

    /** Whether this JVM was started with the Vector API. */
    public static boolean vectorApiPresent() {
        return ModuleLayer.boot().findModule(MODULE).isPresent();
    }

    /**
     * Kernels of the wanted kind.
     *
     * @throws IllegalStateException if vector kernels are demanded and the JVM lacks the Vector API; the message says how to
     *     start it
     */
    public static Kernels choose(KernelChoice choice) {
        return wantsVectors(choice) ? vector(Kernels.class, VECTOR_KERNELS, choice.vectorBits()) : new ScalarKernels();
    }

    /** As {@link #choose}, the operations of training. */
    public static TrainingKernels chooseForTraining(KernelChoice choice) {
        return wantsVectors(choice)
                ? vector(TrainingKernels.class, VECTOR_TRAINING_KERNELS, choice.vectorBits())
                : new ScalarTrainingKernels();
    }

    private static boolean wantsVectors(KernelChoice choice) {
        return switch (choice.kind()) {
            case SCALAR -> false;
            case AUTO -> vectorApiPresent();
            case VECTOR -> {
                if (!vectorApiPresent()) {
                    throw new IllegalStateException(
                            "vector kernels: expected a JVM started with --add-modules " + MODULE);
                }
                yield true;
            }
        };
    }

    private static <T> T vector(Class<T> operations, String className, int bits) {
        try {
            Class<?> type = bits == 0 || bits == widestBits()
                    ? Class.forName(className)
                    : WidthLoader.of(bits).loadClass(className);
            return operations.cast(type.getDeclaredConstructor().newInstance());
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("vector kernels of " + bits + " bits: " + e.getCause(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("vector kernels of " + bits + " bits: " + e, e);
        }
    }

    /** Bits of the widest vectors that the processor has and the kernels use. */
    private static int widestBits() throws ReflectiveOperationException {
        return (int) Class.forName("io.llamastreams.tensor.vector.Lanes")
                .getDeclaredMethod("bits")
                .invoke(null);
    }
}
