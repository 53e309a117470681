package io.llamastreams.model.load;

import io.llamastreams.tokenizer.Vocabulary;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A vocabulary as GGUF files carry it, built like SentencePiece's for Llama: unknown, begin, end, 256 bytes, then pieces
 * whose scores fall with their ids, and every long one can be merged from two shorter ones.
 *
 * @param types SentencePiece's: 1 normal, 2 unknown, 3 control, 6 byte
 */
public record TestVocabulary(List<String> pieces, float[] scores, int[] types) {
    private static final String SPACE = "\u2581";
    private static final String LETTERS = "etaoinshrdlcumwfgypbvkjxqz";
    private static final String OTHERS = "0123456789.,!?'\"-:;()" + "ETAOINSHRDLCUMWFGYPBVKJXQZ";

    public TestVocabulary {
        pieces = List.copyOf(pieces);
    }

    /**
     * The first {@code size} of: three specials, 256 bytes (none where they do not fit), space, letters, signs, then ever
     * longer runs of letters.
     */
    public static TestVocabulary ofSize(int size) {
        List<String> pieces = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        for (int b = 0; b < 256 && size > 3 + 256; b++) {
            pieces.add(String.format("<0x%02X>", b));
        }
        int firstNormal = pieces.size();
        pieces.add(SPACE);
        List<String> runs = LETTERS.chars().mapToObj(Character::toString).toList();
        pieces.addAll(runs);
        OTHERS.chars().mapToObj(Character::toString).forEach(pieces::add);
        while (pieces.size() < size) {
            for (String run : runs) {
                pieces.add(SPACE + run);
            }
            runs = longer(runs, size);
            pieces.addAll(runs);
        }
        float[] scores = new float[size];
        int[] types = new int[size];
        for (int id = 0; id < size; id++) {
            scores[id] = id < firstNormal ? 0 : firstNormal - id;
            types[id] = id == 0 ? 2 : id < 3 ? 3 : id < firstNormal ? 6 : 1;
        }
        return new TestVocabulary(pieces.subList(0, size), scores, types);
    }

    /** The vocabulary inside another GGUF file. */
    public static TestVocabulary of(Path model) {
        try (Arena arena = Arena.ofConfined()) {
            GgufMetadata metadata = GgufFile.read(model, arena).metadata();
            return new TestVocabulary(
                    List.of(metadata.strings("tokenizer.ggml.tokens").orElseThrow()),
                    metadata.floats("tokenizer.ggml.scores").orElseThrow(),
                    metadata.integers("tokenizer.ggml.token_type").orElseThrow());
        }
    }

    /** As the tokenizer sees it; the ids of begin and end are those of Llama, 1 and 2. */
    public static TestVocabulary of(Vocabulary vocabulary) {
        List<Vocabulary.Piece> pieces = vocabulary.pieces();
        float[] scores = new float[pieces.size()];
        int[] types = new int[pieces.size()];
        for (int id = 0; id < scores.length; id++) {
            scores[id] = pieces.get(id).score();
            types[id] = pieces.get(id).type().id();
        }
        return new TestVocabulary(pieces.stream().map(Vocabulary.Piece::text).toList(), scores, types);
    }

    /** The other way round. */
    public Vocabulary toVocabulary() {
        return Vocabulary.of(pieces.toArray(String[]::new), scores, types, 1, 2, 0, true);
    }

    void putInto(GgufWriter writer) {
        writer.string("tokenizer.ggml.model", "llama")
                .strings("tokenizer.ggml.tokens", pieces)
                .floats("tokenizer.ggml.scores", scores)
                .integers("tokenizer.ggml.token_type", types)
                .u32("tokenizer.ggml.unknown_token_id", 0)
                .bool("tokenizer.ggml.add_space_prefix", true)
                .u32("tokenizer.ggml.bos_token_id", 1)
                .u32("tokenizer.ggml.eos_token_id", 2)
                .bool("tokenizer.ggml.add_bos_token", true)
                .bool("tokenizer.ggml.add_eos_token", false);
    }

    private static List<String> longer(List<String> runs, int most) {
        List<String> longer = new ArrayList<>();
        for (String run : runs) {
            for (int i = 0; i < LETTERS.length() && longer.size() < most; i++) {
                longer.add(run + LETTERS.charAt(i));
            }
        }
        return longer;
    }
}
