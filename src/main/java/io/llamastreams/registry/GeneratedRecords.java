package io.llamastreams.registry;

import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.util.ClassSecurityValidator;

/** The classes that are generated from {@code schemas/}. Any thread. */
public final class GeneratedRecords {
    private static final String PACKAGE = "io.llamastreams.schema";

    static {
        // Since 1.12.2 Avro makes no class that a schema names unless somebody vouches for it.
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                ClassSecurityValidator.getGlobal(),
                type -> type.getPackageName().equals(PACKAGE)));
    }

    private GeneratedRecords() {}

    /** Lets Avro make records of these classes; needed once before other Avro code of the process reads any. */
    public static void trust() {
        // done when this class was loaded
    }

    /** Schema of a generated class, as it is registered. */
    public static String schemaJson(Class<?> recordClass) {
        return schema(recordClass).toString();
    }

    static Schema schema(Class<?> recordClass) {
        return SpecificData.get().getSchema(recordClass);
    }
}
