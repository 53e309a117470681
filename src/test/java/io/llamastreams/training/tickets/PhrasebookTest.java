package io.llamastreams.training.tickets;

import static java.util.function.Predicate.not;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** That the held-out phrasing is new, and that it can be understood by who knows only the other. */
class PhrasebookTest {

    private static final Phrasebook PHRASES = Phrasebook.TICKETS;
    private static final Pattern WORD = Pattern.compile("<[a-z]+>|[a-z']+");
    private static final List<String> URGENCY_AND_SENTIMENT = List.of("high", "low", "negative", "positive");
    private static final List<String> ALL_CLASSES = Stream.concat(
                    TicketTruth.INTENTS.stream(), URGENCY_AND_SENTIMENT.stream())
            .toList();

    @Test
    void holdsManyThousandWaysOfSayingThings() {
        assertThat(expansions(PHRASES.all(Split.TRAIN)).size()).isGreaterThan(12_000);
        assertThat(expansions(PHRASES.all(Split.TEST)).size()).isGreaterThan(1_800);
        assertThat(PHRASES.all(Split.TRAIN).stream()
                        .mapToLong(Template::expansionCount)
                        .sum())
                .isGreaterThanOrEqualTo(expansions(PHRASES.all(Split.TRAIN)).size());
    }

    @Test
    void holdsEnoughSkeletonsOfEveryClass() {
        for (String intent : TicketTruth.INTENTS) {
            assertThat(PHRASES.of(intent, Split.TRAIN)).as(intent).hasSizeGreaterThanOrEqualTo(14);
            assertThat(PHRASES.of(intent, Split.TEST)).as(intent).hasSizeGreaterThanOrEqualTo(4);
        }
        for (String cue : URGENCY_AND_SENTIMENT) {
            assertThat(PHRASES.of(cue, Split.TRAIN)).as(cue).hasSizeGreaterThanOrEqualTo(15);
            assertThat(PHRASES.of(cue, Split.TEST)).as(cue).hasSizeGreaterThanOrEqualTo(5);
        }
    }

    @Test
    void sharesNoExpandedPhraseBetweenTheSplits() {
        Set<String> common = expansions(PHRASES.all(Split.TRAIN));
        common.retainAll(expansions(PHRASES.all(Split.TEST)));
        assertThat(common).as("phrases of both splits").isEmpty();
    }

    @Test
    void saysTheSameOfOneClassOnly() {
        Map<String, String> classes = new TreeMap<>();
        for (String phraseClass : ALL_CLASSES) {
            for (Split split : Split.values()) {
                for (String phrase : expansions(PHRASES.of(phraseClass, split))) {
                    String other = classes.put(phrase, phraseClass);
                    assertThat(other == null || other.equals(phraseClass))
                            .as("%s: %s and %s", phrase, other, phraseClass)
                            .isTrue();
                }
            }
        }
    }

    @Test
    void usesNoHeldOutWordThatTrainingDoesNotKnow() {
        Set<String> known = vocabulary(PHRASES.all(Split.TRAIN));
        Set<String> unknown = new TreeSet<>(vocabulary(PHRASES.all(Split.TEST)));
        unknown.removeAll(known);
        assertThat(unknown).as("words of held-out skeletons only").isEmpty();
    }

    @Test
    void keepsTheVocabularySmall() {
        assertThat(vocabulary(PHRASES.all(Split.TRAIN))).hasSizeBetween(900, 4_500);
    }

    /** A cue is a word, pair or triple that stands mostly in this class: at least two of three training skeletons that have it. */
    @Test
    void givesEveryHeldOutPhraseACueOfItsClass() {
        Map<String, Map<String, Integer>> skeletonsByClass = new TreeMap<>();
        Map<String, Integer> skeletons = new TreeMap<>();
        for (String phraseClass : ALL_CLASSES) {
            Map<String, Integer> ofClass = new TreeMap<>();
            for (Template skeleton : PHRASES.of(phraseClass, Split.TRAIN)) {
                for (String gram : grams(List.of(skeleton))) {
                    ofClass.merge(gram, 1, Integer::sum);
                    skeletons.merge(gram, 1, Integer::sum);
                }
            }
            skeletonsByClass.put(phraseClass, ofClass);
        }
        List<String> without = new ArrayList<>();
        for (String phraseClass : ALL_CLASSES) {
            Map<String, Integer> ofClass = skeletonsByClass.get(phraseClass);
            for (String phrase : expansions(PHRASES.of(phraseClass, Split.TEST))) {
                if (grams(phrase).stream()
                        .noneMatch(gram ->
                                ofClass.containsKey(gram) && 3 * ofClass.get(gram) >= 2 * skeletons.get(gram))) {
                    without.add(phraseClass + ": " + phrase);
                }
            }
        }
        assertThat(without).as("held-out phrases without a cue").isEmpty();
    }

    /** The simplest reader that learns, counting words, pairs and triples over the training skeletons. */
    @Test
    void isUnderstoodByAReaderThatOnlyCountsWords() {
        Map<String, Map<String, Double>> weights = new TreeMap<>();
        for (String phraseClass : ALL_CLASSES) {
            List<Template> skeletons = PHRASES.of(phraseClass, Split.TRAIN);
            Map<String, Double> weight = new TreeMap<>();
            skeletons.forEach(
                    skeleton -> grams(List.of(skeleton)).forEach(gram -> weight.merge(gram, 1.0, Double::sum)));
            weight.replaceAll((gram, count) -> Math.log((count + 0.1) / (skeletons.size() + 0.2)));
            weight.put("", Math.log(0.1 / (skeletons.size() + 0.2))); // of a gram that the class does not have
            weights.put(phraseClass, weight);
        }
        List<String> misread = new ArrayList<>();
        int read = 0;
        for (String phraseClass : ALL_CLASSES) {
            for (String phrase : expansions(PHRASES.of(phraseClass, Split.TEST))) {
                String guess = ALL_CLASSES.stream()
                        .max((a, b) -> Double.compare(score(phrase, weights.get(a)), score(phrase, weights.get(b))))
                        .orElseThrow();
                read++;
                if (!guess.equals(phraseClass)) {
                    misread.add(phraseClass + " read as " + guess + ": " + phrase);
                }
            }
        }
        assertThat(misread).as("of " + read).hasSizeLessThan(read / 100);
    }

    @Test
    void usesNoBrandAsAWord() {
        Set<String> brands = ProductNames.brands().stream()
                .map(brand -> brand.toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
        List<Template> everything = Stream.of(PHRASES.all(Split.TRAIN), PHRASES.all(Split.TEST), PHRASES.allShared())
                .flatMap(List::stream)
                .toList();
        assertThat(vocabulary(everything)).noneMatch(brands::contains);
    }

    private static double score(String phrase, Map<String, Double> weights) {
        return grams(phrase).stream()
                .mapToDouble(gram -> weights.getOrDefault(gram, weights.get("")))
                .sum();
    }

    private static Set<String> expansions(List<Template> templates) {
        return templates.stream()
                .flatMap(template -> template.expansions().stream())
                .map(phrase -> phrase.toLowerCase(Locale.ROOT))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> vocabulary(List<Template> templates) {
        return expansions(templates).stream()
                .flatMap(phrase -> words(phrase).stream())
                .filter(not(word -> word.startsWith("<")))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> grams(List<Template> templates) {
        return expansions(templates).stream()
                .flatMap(phrase -> grams(phrase).stream())
                .collect(Collectors.toSet());
    }

    /** Words, pairs and triples of neighbours. */
    private static Set<String> grams(String phrase) {
        List<String> words = words(phrase);
        Set<String> grams = new TreeSet<>();
        for (int length = 1; length <= 3; length++) {
            for (int start = 0; start + length <= words.size(); start++) {
                grams.add(String.join(" ", words.subList(start, start + length)));
            }
        }
        return grams;
    }

    private static List<String> words(String phrase) {
        return WORD.matcher(phrase).results().map(result -> result.group()).toList();
    }
}
