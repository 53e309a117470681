package io.llamastreams.training.tickets;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PretrainingTextTest {

    private static final int COUNT = 10_000;

    @Test
    void makesTheSameDocumentOfTheSameIndex() {
        String later = new PretrainingText(5).document(123_456_789);
        PretrainingText other = new PretrainingText(5);
        other.document(1);
        assertThat(other.document(123_456_789)).isEqualTo(later);
        assertThat(new PretrainingText(6).document(123_456_789)).isNotEqualTo(later);
    }

    @Test
    void keepsItsLengthAndRepeatsItselfRarely() {
        List<String> documents = documents();
        assertThat(documents)
                .allSatisfy(document -> assertThat(document.length()).isBetween(50, 1_500));
        assertThat(new HashSet<>(documents)).hasSizeGreaterThan(COUNT - 20);
    }

    @Test
    void saysNoNameOfTheHeldOutSplit() {
        Set<String> heldOut = new HashSet<>();
        ProductNames.brands().stream().filter(Split.TEST::owns).forEach(heldOut::add);
        assertThat(heldOut).hasSizeGreaterThan(1_000);
        for (String document : documents()) {
            assertThat(document.split("[^A-Za-z]+")).noneMatch(heldOut::contains);
        }
    }

    private static List<String> documents() {
        PretrainingText text = new PretrainingText(5);
        return LongStream.range(0, COUNT).mapToObj(text::document).toList();
    }
}
