package io.llamastreams.tensor.kernel;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Loads the classes of {@code tensor.vector} once more, such that each method with vector instructions in it tells when it runs:
 * so it is seen, and not only said, which loops a product takes. One thread.
 */
public final class LoopRecorder extends ClassLoader {
    private static final String PACKAGE = "io.llamastreams.tensor.vector.";

    /** What is recorded: tiles, and products of single rows; the rest has no choice. */
    private static final Pattern LOOPS = Pattern.compile("\\w+(Tiles|Products)");

    private static final Set<String> RUN = new TreeSet<>();

    LoopRecorder() {
        super(LoopRecorder.class.getClassLoader());
    }

    /** Called by the recorded methods. */
    public static void run(String method) {
        RUN.add(method);
    }

    /** Methods that ran since the last call, sorted. */
    static List<String> take() {
        List<String> taken = List.copyOf(RUN);
        RUN.clear();
        return taken;
    }

    /** As a static method of {@link io.llamastreams.tensor.vector.KernelProvider}, of the recorded classes. */
    Object provide(String method, KernelChoice choice) throws ReflectiveOperationException {
        return loadClass(PACKAGE + "KernelProvider")
                .getMethod(method, KernelChoice.class)
                .invoke(null, choice);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(PACKAGE)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
            byte[] bytes = recorded(name.replace('.', '/') + ".class");
            return defineClass(name, bytes, 0, bytes.length);
        }
    }

    /** What the loader of vectors of other widths reads. */
    @Override
    public InputStream getResourceAsStream(String name) {
        return name.startsWith(PACKAGE.replace('.', '/'))
                ? new ByteArrayInputStream(recorded(name))
                : super.getResourceAsStream(name);
    }

    private byte[] recorded(String file) {
        byte[] bytes;
        try (InputStream in = getParent().getResourceAsStream(file)) {
            bytes = in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String className = file.substring(PACKAGE.length(), file.length() - ".class".length());
        if (!LOOPS.matcher(className).matches()) {
            return bytes;
        }
        ClassFile classFile =
                ClassFile.of(ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(getParent())
                        .orElse(ClassHierarchyResolver.ofClassLoading(getParent()))));
        return classFile.transformClass(classFile.parse(bytes), (builder, element) -> {
            if (element instanceof MethodModel method && isLoop(method)) {
                String name = className + "." + method.methodName().stringValue();
                builder.transformMethod(method, MethodTransform.transformingCode(telling(name)));
            } else {
                builder.with(element);
            }
        });
    }

    private static boolean isLoop(MethodModel method) {
        return method.flags().has(AccessFlag.STATIC)
                && !method.methodName().equalsString(ConstantDescs.CLASS_INIT_NAME)
                && method.code().map(LoopRecorder::hasVectors).orElse(false);
    }

    private static boolean hasVectors(CodeModel code) {
        return code.elementStream()
                .anyMatch(element -> element instanceof InvokeInstruction call
                        && call.owner().asInternalName().startsWith("jdk/incubator/vector/"));
    }

    private static CodeTransform telling(String name) {
        return new CodeTransform() {
            @Override
            public void atStart(CodeBuilder builder) {
                builder.ldc(name)
                        .invokestatic(
                                ClassDesc.of(LoopRecorder.class.getName()),
                                "run",
                                MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String));
            }

            @Override
            public void accept(CodeBuilder builder, CodeElement element) {
                builder.with(element);
            }
        };
    }
}
