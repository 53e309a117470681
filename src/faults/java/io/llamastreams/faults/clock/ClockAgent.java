package io.llamastreams.faults.clock;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.List;
import java.util.Map;

/** Replaces the time of day in a process, as classes are loaded; what it is moved by stands in a file. */
public final class ClockAgent {
    private static final long LOOK_MILLIS = 50;

    private static final ClassDesc CLOCK = ClassDesc.of(JumpingClock.class.getName());

    /** Methods without parameters that tell the time of day, and whose they are. */
    private static final Map<String, String> REPLACED =
            Map.of("currentTimeMillis", "java/lang/System", "now", "java/time/Instant");

    private static final List<String> TRANSFORMED = List.of("org/apache/kafka/", "io/llamastreams/");

    private ClockAgent() {}

    /** @param offsetFile where the milliseconds stand, in decimal; none while it is not there */
    public static void premain(String offsetFile, Instrumentation instrumentation) {
        instrumentation.addTransformer(new CallsReplaced());
        Thread.ofPlatform().daemon().name("clock").start(() -> follow(Path.of(offsetFile)));
    }

    private static void follow(Path offsetFile) {
        while (true) {
            try {
                if (Files.exists(offsetFile)) {
                    JumpingClock.move(
                            Long.parseLong(Files.readString(offsetFile).trim()));
                }
                Thread.sleep(LOOK_MILLIS);
            } catch (IOException | NumberFormatException e) {
                System.err.println("clock: " + offsetFile + ": " + e);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static final class CallsReplaced implements ClassFileTransformer {
        @Override
        public byte[] transform(
                Module module,
                ClassLoader loader,
                String className,
                Class<?> redefined,
                ProtectionDomain domain,
                byte[] bytes) {
            if (className == null
                    || TRANSFORMED.stream().noneMatch(className::startsWith)
                    || className.startsWith("io/llamastreams/faults/clock/")) {
                return null;
            }
            try {
                ClassFile file = ClassFile.of(ClassFile.DebugElementsOption.PASS_DEBUG);
                ClassModel model = file.parse(bytes);
                return asksForTheTime(model) ? file.transformClass(model, replacing()) : null;
            } catch (RuntimeException e) {
                // whoever calls this would keep quiet about it, and the class would have the real time
                e.printStackTrace();
                Runtime.getRuntime().halt(1);
                throw e;
            }
        }
    }

    private static boolean asksForTheTime(ClassModel model) {
        for (var entry : model.constantPool()) {
            if (entry instanceof MemberRefEntry member && isReplaced(member)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isReplaced(MemberRefEntry member) {
        return member.owner().asInternalName().equals(REPLACED.get(member.name().stringValue()))
                && member.type().stringValue().startsWith("()");
    }

    private static ClassTransform replacing() {
        CodeTransform calls = (code, element) -> {
            if (element instanceof InvokeInstruction call && isReplaced(call.method())) {
                code.invokestatic(CLOCK, call.name().stringValue(), call.typeSymbol());
            } else {
                code.with(element);
            }
        };
        return ClassTransform.transformingMethodBodies(calls);
    }
}
