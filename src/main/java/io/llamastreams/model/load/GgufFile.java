package io.llamastreams.model.load;

import io.llamastreams.tensor.quant.TensorType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A GGUF file, version 2 or 3, little-endian: its metadata on the heap, its tensors as views of one read-only mapping.
 *
 * <pre>
 *   magic "GGUF" | u32 version | u64 tensors | u64 keys | key, type, value ... | name, dimensions, type, offset ...
 *   | padding to the alignment | tensor data: each at its offset from here, a multiple of the alignment
 * </pre>
 *
 * <p>Immutable; any thread, as far as the arena allows it. The header is read with plain reads, so a file that is cut
 * short meanwhile gives an error; so are matrices that do not stay in the file. Other tensor data is read by touching the
 * mapping, much later: if the file is truncated by then, reading through {@link MemorySegment} gives an {@code
 * InternalError}, but compiled vector loads and native code die of a bus error, and the process with them (seen on Linux
 * with JDK 25). Nothing can be checked against that beforehand: never write into a model file that is in use; rename a new
 * one over it, which leaves the mapped one intact. Source: GGUF specification in ggml's {@code docs/gguf.md}.
 */
public final class GgufFile {
    static final int MAX_TENSORS = 1 << 16;
    static final int MAX_NAME_BYTES = 256;
    static final int MAX_DIMENSIONS = 4;
    static final int MAX_ALIGNMENT = 1 << 20;
    static final int DEFAULT_ALIGNMENT = 32;

    private static final int FIXED_HEADER_BYTES = 4 + 4 + 8 + 8;
    /** Length of an empty name, number of dimensions, one dimension, type, offset. */
    private static final int LEAST_TENSOR_BYTES = 8 + 4 + 8 + 4 + 8;

    private final Path path;
    private final int version;
    private final GgufMetadata metadata;
    private final Map<String, GgufTensor> tensors;
    private final List<GgufTensor> inOrder;

    private GgufFile(Path path, int version, GgufMetadata metadata, Map<String, GgufTensor> tensors) {
        this.path = path;
        this.version = version;
        this.metadata = metadata;
        this.tensors = tensors;
        this.inOrder = List.copyOf(tensors.values());
    }

    /**
     * Reads and checks the header, then maps the file; tensor data is neither read nor copied.
     *
     * @param arena owns the mapping; nothing else is taken from it
     * @throws ModelFormatException if the file is missing, damaged, not GGUF, or of a kind that cannot be used
     */
    public static GgufFile read(Path path, Arena arena) {
        try (FileChannel channel = open(path)) {
            return read(path, channel, arena);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    /**
     * As {@link #read(Path, Arena)}, for somebody who will read more of the same file: a path may lead to another one soon.
     *
     * @param channel from {@link #open}; stays open
     */
    static GgufFile read(Path path, FileChannel channel, Arena arena) {
        try {
            return parse(path, channel, arena);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    /**
     * Opens a file for reading.
     *
     * @throws ModelFormatException if it is missing, no file, or must not be read
     */
    static FileChannel open(Path path) {
        if (Files.isDirectory(path)) {
            throw new ModelFormatException(path, "expected a file, found a directory");
        }
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw new ModelFormatException(path, "expected a regular file, found a device or pipe");
        }
        try {
            return FileChannel.open(path, StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            throw new ModelFormatException(path, "no such file or folder", e);
        } catch (AccessDeniedException e) {
            throw new ModelFormatException(path, "no permission to read it", e);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    static ModelFormatException unreadable(Path path, IOException e) {
        return new ModelFormatException(path, "cannot be read: " + ModelFormatException.quote(e.toString()), e);
    }

    public Path path() {
        return path;
    }

    /** Version of the format, 2 or 3. */
    public int version() {
        return version;
    }

    public GgufMetadata metadata() {
        return metadata;
    }

    /** All tensors, in the header's order. */
    public List<GgufTensor> tensors() {
        return inOrder;
    }

    public Optional<GgufTensor> tensor(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    private static GgufFile parse(Path path, FileChannel channel, Arena arena) throws IOException {
        long fileBytes = channel.size();
        if (fileBytes == 0) {
            throw ModelFormatException.expected(path, "file", "a GGUF header", "an empty file");
        }
        FileKind.requireGguf(path, channel);
        HeaderReader in = new HeaderReader(path, channel, fileBytes);
        if (fileBytes < FIXED_HEADER_BYTES) {
            throw in.expected("file", "at least " + FIXED_HEADER_BYTES + " bytes of header", fileBytes + " bytes");
        }
        in.readInt("magic");
        int version = readVersion(in);
        int tensorCount = in.readCount("number of tensors", MAX_TENSORS, LEAST_TENSOR_BYTES);
        int keyCount = in.readCount("number of keys", GgufMetadataReader.MAX_KEYS, GgufMetadataReader.LEAST_KEY_BYTES);
        GgufMetadata metadata = new GgufMetadataReader(in).read(keyCount);
        int alignment = alignment(path, metadata);
        List<TensorEntry> entries = readEntries(in, tensorCount, alignment);
        long dataStart = alignUp(in.position(), alignment);
        checkPlaces(path, entries, dataStart, fileBytes);
        Map<String, GgufTensor> tensors = map(channel, fileBytes, arena, entries, dataStart);
        if (channel.size() != fileBytes) {
            throw ModelFormatException.expected(
                    path, "file", fileBytes + " bytes as at the start of reading", channel.size());
        }
        return new GgufFile(path, version, metadata, tensors);
    }

    private static int readVersion(HeaderReader in) throws IOException {
        int version = in.readInt("version");
        int swapped = Integer.reverseBytes(version);
        if (swapped >= 1 && swapped <= 0xffff) {
            throw in.expected("byte order", "a little-endian file", "big-endian GGUF version " + swapped);
        }
        if (version == 1) {
            throw in.expected("version", "2 or 3", "1, which current llama.cpp tools convert");
        }
        if (version != 2 && version != 3) {
            throw in.expected("version", "2 or 3", Integer.toUnsignedString(version));
        }
        return version;
    }

    private static int alignment(Path path, GgufMetadata metadata) {
        long alignment = metadata.integer("general.alignment").orElse(DEFAULT_ALIGNMENT);
        if (alignment < 8 || alignment > MAX_ALIGNMENT || Long.bitCount(alignment) != 1) {
            throw ModelFormatException.expected(
                    path, "key general.alignment", "a power of two from 8 to " + MAX_ALIGNMENT, alignment);
        }
        return (int) alignment;
    }

    /** A tensor as the header describes it; {@code offset} from the start of the data, {@code bytes} by type and shape. */
    private record TensorEntry(String name, TensorType type, long[] shape, long offset, long bytes) {
        String thing() {
            return "tensor " + ModelFormatException.quote(name);
        }
    }

    private static List<TensorEntry> readEntries(HeaderReader in, int count, int alignment) throws IOException {
        Map<String, TensorEntry> entries = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            TensorEntry entry = readEntry(in, i, alignment);
            if (entries.put(entry.name(), entry) != null) {
                throw in.expected(entry.thing(), "once", "a second time");
            }
        }
        return new ArrayList<>(entries.values());
    }

    private static TensorEntry readEntry(HeaderReader in, int index, int alignment) throws IOException {
        String name = in.readString("name of tensor " + index, MAX_NAME_BYTES);
        if (name.isEmpty()) {
            throw in.expected("name of tensor " + index, "at least one character", "none");
        }
        String thing = "tensor " + ModelFormatException.quote(name);
        int dimensions = in.readInt("dimensions of " + thing);
        if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
            throw in.expected(thing, "1 to " + MAX_DIMENSIONS + " dimensions", Integer.toUnsignedString(dimensions));
        }
        long[] shape = new long[dimensions];
        for (int d = 0; d < dimensions; d++) {
            shape[d] = in.readLong("shape of " + thing);
            if (shape[d] < 1) {
                throw in.expected(thing + ", dimension " + d, "1 to 2^63 - 1", Long.toUnsignedString(shape[d]));
            }
        }
        int typeId = in.readInt("type of " + thing);
        TensorType type = TensorType.ofGgmlId(typeId).orElseThrow(() -> unsupported(in, thing, typeId));
        if (shape[0] % type.blockElements() != 0) {
            throw in.expected(thing, type + " rows of a multiple of " + type.blockElements(), shape[0]);
        }
        long bytes = bytes(in, thing, type, shape);
        long offset = in.readLong("offset of " + thing);
        if (offset < 0 || offset % alignment != 0) {
            throw in.expected(thing, "an offset that is a multiple of " + alignment, Long.toUnsignedString(offset));
        }
        return new TensorEntry(name, type, shape, offset, bytes);
    }

    private static long bytes(HeaderReader in, String thing, TensorType type, long[] shape) {
        try {
            long elements = 1;
            for (long dimension : shape) {
                elements = Math.multiplyExact(elements, dimension);
            }
            return type.bytes(elements);
        } catch (ArithmeticException e) {
            throw in.expected(thing, "a shape of less than 2^63 bytes", Arrays.toString(shape));
        }
    }

    private static ModelFormatException unsupported(HeaderReader in, String thing, int typeId) {
        String name = switch (typeId) {
            case 3 -> " (Q4_1)";
            case 6 -> " (Q5_0)";
            case 7 -> " (Q5_1)";
            case 9 -> " (Q8_1)";
            case 10 -> " (Q2_K)";
            case 11 -> " (Q3_K)";
            case 12 -> " (Q4_K)";
            case 13 -> " (Q5_K)";
            case 14 -> " (Q6_K, which llama-quantize --pure leaves out)";
            case 15 -> " (Q8_K)";
            case 16, 17, 18, 19, 20, 21, 22, 23, 29 -> " (one of the IQ types)";
            case 24, 25, 26, 27 -> " (integers)";
            case 28 -> " (F64)";
            case 39 -> " (MXFP4)";
            default -> "";
        };
        return in.expected(
                thing,
                "a type of " + Arrays.toString(TensorType.values()),
                "type " + Integer.toUnsignedString(typeId) + name);
    }

    /** Every tensor lies inside the file and none on another. */
    private static void checkPlaces(Path path, List<TensorEntry> entries, long dataStart, long fileBytes) {
        long dataBytes = fileBytes - dataStart;
        List<TensorEntry> byOffset = new ArrayList<>(entries);
        byOffset.sort(Comparator.comparingLong(TensorEntry::offset));
        TensorEntry before = null;
        for (TensorEntry entry : byOffset) {
            if (entry.bytes() > dataBytes || entry.offset() > dataBytes - entry.bytes()) {
                throw ModelFormatException.expected(
                        path,
                        entry.thing(),
                        entry.bytes() + " bytes at " + entry.offset() + " of the data",
                        "only " + Math.max(0, dataBytes) + " bytes of data in the file");
            }
            if (before != null && before.offset() + before.bytes() > entry.offset()) {
                throw ModelFormatException.expected(
                        path,
                        entry.thing(),
                        "a place of its own",
                        "an overlap with tensor " + ModelFormatException.quote(before.name()) + " at "
                                + entry.offset());
            }
            before = entry;
        }
    }

    private static Map<String, GgufTensor> map(
            FileChannel channel, long fileBytes, Arena arena, List<TensorEntry> entries, long dataStart)
            throws IOException {
        MemorySegment all = channel.map(FileChannel.MapMode.READ_ONLY, 0, fileBytes, arena);
        Map<String, GgufTensor> tensors = new LinkedHashMap<>();
        for (TensorEntry entry : entries) {
            long fileOffset = dataStart + entry.offset();
            MemorySegment data = all.asSlice(fileOffset, entry.bytes());
            tensors.put(entry.name(), new GgufTensor(entry.name(), entry.type(), entry.shape(), fileOffset, data));
        }
        return tensors;
    }

    private static long alignUp(long position, int alignment) {
        return (position + alignment - 1) & -alignment;
    }
}
