package io.llamastreams.serving.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.serving.LetterVocabulary;
import io.llamastreams.serving.options.Structure;
import io.llamastreams.tokenizer.LargeVocabulary;
import io.llamastreams.tokenizer.TextDecoder;
import io.llamastreams.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GrammarsTest {

    @Test
    void compilesAStructureOnceAsLongAsItIsAmongTheLast() {
        Grammars grammars = new Grammars(LetterVocabulary.tokenizer());
        Grammars.Compiled first = grammars.compiled(new Structure.Regex("a"));
        for (int i = 0; i < Grammars.MAX_KEPT - 1; i++) {
            grammars.compiled(new Structure.Choice(List.of("b" + i)));
        }
        assertThat(grammars.compiled(new Structure.Regex("a"))).isSameAs(first);
        for (int i = 0; i < Grammars.MAX_KEPT; i++) {
            grammars.compiled(new Structure.Choice(List.of("c" + i)));
        }
        assertThat(grammars.compiled(new Structure.Regex("a"))).isNotSameAs(first);
    }

    @Test
    void keepsRefusalsToo() {
        Grammars grammars = new Grammars(LetterVocabulary.tokenizer());
        Grammars.Compiled refused = grammars.compiled(new Structure.Regex("("));
        assertThat(refused).isInstanceOf(Grammars.Compiled.Refused.class);
        assertThat(grammars.compiled(new Structure.Regex("("))).isSameAs(refused);
    }

    @Test
    void bytesOfTokensAreThoseThatTheDecoderWrites() {
        Tokenizer tokenizer = new Tokenizer(LargeVocabulary.vocabulary());
        Random random = new Random(7);
        for (int round = 0; round < 300; round++) {
            // what is encoded is whole characters, so bytes come in their order
            String text = random.ints(20, 0, 6)
                    .mapToObj(
                            i -> List.of("a", " b", "é", "日", "😀", "\u2581x\n").get(i))
                    .reduce("", String::concat);
            TextDecoder decoder = tokenizer.newDecoder(false);
            StringBuilder decoded = new StringBuilder();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (int id : tokenizer.encode(text)) {
                decoder.append(id, decoded);
                bytes.writeBytes(tokenizer.bytes(id));
            }
            assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo(decoded.toString());
        }
        assertThat(tokenizer.bytes(tokenizer.bosId())).isEmpty();
        assertThat(tokenizer.bytes(tokenizer.eosId())).isEmpty();
        assertThat(tokenizer.bytes(0)).isEmpty();
    }
}
