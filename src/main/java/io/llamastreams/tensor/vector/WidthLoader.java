package io.llamastreams.tensor.vector;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/**
 * Loads the classes of this package once more, for vectors of a given width: the species lie in static finals, and so one
 * loaded class has one width. All of them but this, so that none that uses vectors can be forgotten.
 */
public final class WidthLoader extends ClassLoader {
    private static final String PACKAGE = "io.llamastreams.tensor.vector.";
    private static final Map<Integer, WidthLoader> LOADERS =
            Map.of(128, new WidthLoader(128), 256, new WidthLoader(256), 512, new WidthLoader(512));

    private final int bits;

    private WidthLoader(int bits) {
        super(WidthLoader.class.getClassLoader());
        this.bits = bits;
    }

    /** @param bits 128, 256 or 512 */
    static WidthLoader of(int bits) {
        return LOADERS.get(bits);
    }

    /** Bits of the vectors of the classes that this loads. */
    public int bits() {
        return bits;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!isOwn(name)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : define(name);
        }
    }

    /** Every class of the package but this one, whose objects tell the others their width. */
    private static boolean isOwn(String name) {
        return name.startsWith(PACKAGE) && !name.equals(WidthLoader.class.getName());
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = in.readAllBytes();
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }
}
