package io.llamastreams.training.tickets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TicketGeneratorTest {

    private static final int COUNT = 20_000;
    private static final List<Ticket> TRAIN = tickets(Split.TRAIN, 7);
    private static final List<Ticket> TEST = tickets(Split.TEST, 7);
    private static final List<Ticket> BOTH =
            Stream.concat(TRAIN.stream(), TEST.stream()).toList();
    private static final Pattern DATE = Pattern.compile(
            "\\b\\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December)\\b");
    private static final Pattern ORDER_WITH_NUMBER = Pattern.compile(
            "(?i)(?<!customer |invoice |phone |mobile )(order|#|order (number|no\\.?):?|my order is) *(with (the )?number )?#?"
                    + "(?=[A-Z]{0,3}[0-9-]*\\d)[A-Z0-9][A-Z0-9-]{3,}");

    @Test
    void makesTheSameTicketOfTheSameIndex() {
        TicketGenerator one = new TicketGenerator(Split.TRAIN, 3);
        TicketGenerator other = new TicketGenerator(Split.TRAIN, 3);
        Ticket later = one.ticket(1_000_000_007L);
        one.ticket(1);
        assertThat(other.ticket(1_000_000_007L)).isEqualTo(later);
        assertThat(new TicketGenerator(Split.TRAIN, 4).ticket(1_000_000_007L)).isNotEqualTo(later);
        assertThat(new TicketGenerator(Split.TEST, 3).ticket(1_000_000_007L)).isNotEqualTo(later);
    }

    @Test
    void terseTicketsSayWhatMattersAndNoMore() {
        TicketGenerator generator = new TicketGenerator(Split.TRAIN, 3);
        int words = 0;
        int fullWords = 0;
        for (int i = 0; i < 2_000; i++) {
            Ticket terse = generator.terseTicket(i);
            assertThat(generator.terseTicket(i)).isEqualTo(terse);
            for (String value : Stream.of(terse.truth().product(), terse.truth().orderNumber())
                    .filter(Objects::nonNull)
                    .toList()) {
                assertThat(terse.text()).contains(value);
            }
            words += terse.text().split("\\s+").length;
            fullWords += generator.ticket(i).text().split("\\s+").length;
        }
        assertThat(words).isLessThan(fullWords * 7 / 10);
    }

    /** golden-tickets.txt: the first five of each split at seed 42, each as text, truth, empty line. */
    @Test
    void makesTheTicketsOfTheGoldenFile() throws IOException {
        StringBuilder made = new StringBuilder();
        for (Split split : Split.values()) {
            TicketGenerator generator = new TicketGenerator(split, 42);
            for (int i = 0; i < 5; i++) {
                Ticket ticket = generator.ticket(i);
                made.append(ticket.text()).append('\n');
                made.append(ticket.truth().toJson()).append("\n\n");
            }
        }
        try (InputStream golden = TicketGeneratorTest.class.getResourceAsStream("golden-tickets.txt")) {
            assertThat(made.toString()).isEqualTo(new String(golden.readAllBytes(), UTF_8));
        }
    }

    @Test
    void sharesNoValueBetweenTheSplits() {
        disjoint(ticket -> ticket.truth().product());
        disjoint(ticket -> ticket.truth().orderNumber());
        disjoint(ticket -> ticket.truth().product() == null
                ? null
                : ticket.truth().product().split(" ")[0]);
        disjoint(Ticket::text);
        assertThat(dates(TRAIN)).hasSizeGreaterThan(100).doesNotContainAnyElementsOf(dates(TEST));
    }

    @Test
    void drawsPeopleTownsAndDatesOfOneSplitOnly() {
        List<Function<CounterRandom, String>> train = detailsOf(Split.TRAIN);
        List<Function<CounterRandom, String>> test = detailsOf(Split.TEST);
        for (int kind = 0; kind < train.size(); kind++) {
            Set<String> trained = drawn(train.get(kind));
            assertThat(trained).hasSizeGreaterThan(10).doesNotContainAnyElementsOf(drawn(test.get(kind)));
        }
    }

    @Test
    void saysProductAndOrderLiterallyOrNotAtAll() {
        Set<String> brands = ProductNames.brands();
        for (Ticket ticket : BOTH) {
            TicketTruth truth = ticket.truth();
            if (truth.product() != null) {
                assertThat(ticket.text()).as(ticket.id()).contains(truth.product());
            } else {
                assertThat(ticket.text().split("[^A-Za-z]+")).as(ticket.id()).noneMatch(brands::contains);
            }
            if (truth.orderNumber() != null) {
                assertThat(ticket.text())
                        .as(ticket.id())
                        .containsPattern("(?i)(order|purchase|#)[^\\n]{0,30}" + Pattern.quote(truth.orderNumber())
                                + "(?![0-9])");
            } else {
                assertThat(ticket.text()).as(ticket.id()).doesNotContainPattern(ORDER_WITH_NUMBER);
            }
        }
    }

    @Test
    void writesRecordsThatParseToTheSameFields() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        for (Ticket ticket : BOTH.subList(0, 2_000)) {
            TicketTruth truth = ticket.truth();
            JsonNode json = mapper.readTree(truth.toJson());
            assertThat(json.propertyStream().map(Map.Entry::getKey))
                    .containsExactly("intent", "product", "order", "urgency", "sentiment", "reply");
            assertThat(new TicketTruth(
                            json.get("intent").textValue(),
                            json.get("product").textValue(),
                            json.get("order").textValue(),
                            json.get("urgency").textValue(),
                            json.get("sentiment").textValue(),
                            json.get("reply").textValue()))
                    .isEqualTo(truth);
            assertThat(mapper.writeValueAsString(json)).isEqualTo(truth.toJson());
        }
    }

    @Test
    void balancesTheFields() {
        for (List<Ticket> tickets : List.of(TRAIN, TEST)) {
            assertThat(shares(tickets, TicketTruth::intent))
                    .hasSize(TicketTruth.INTENTS.size())
                    .allSatisfy((intent, share) -> assertThat(share).isBetween(0.05, 0.075));
            assertThat(shares(tickets, TicketTruth::urgency))
                    .hasSize(3)
                    .allSatisfy((urgency, share) -> assertThat(share).isBetween(0.2, 0.5));
            assertThat(shares(tickets, TicketTruth::sentiment))
                    .hasSize(3)
                    .allSatisfy((sentiment, share) -> assertThat(share).isBetween(0.2, 0.5));
            assertThat(share(tickets, ticket -> ticket.truth().product() == null))
                    .isBetween(0.06, 0.1);
            assertThat(share(tickets, ticket -> ticket.truth().orderNumber() == null))
                    .isBetween(0.17, 0.23);
        }
    }

    @Test
    void keepsTextAndReplyShort() {
        for (Ticket ticket : BOTH) {
            assertThat(ticket.text().split("\\s+").length).as(ticket.id()).isBetween(15, 90);
            assertThat(ticket.truth().reply().split(" ").length).as(ticket.id()).isBetween(8, 25);
        }
        assertThat(TicketGenerator.SYSTEM_PROMPT.split(" ").length).isBetween(20, 60);
    }

    @Test
    void answersTheSameToTheSameFields() {
        for (Ticket ticket : BOTH) {
            TicketTruth truth = ticket.truth();
            assertThat(Replies.reply(truth.intent(), truth.product(), truth.orderNumber(), truth.sentiment()))
                    .isEqualTo(truth.reply());
        }
    }

    private static void disjoint(Function<Ticket, String> field) {
        Set<String> trained = new HashSet<>(values(TRAIN, field));
        assertThat(trained).hasSizeGreaterThan(1_000);
        assertThat(values(TEST, field)).isNotEmpty().noneMatch(trained::contains);
    }

    private static List<String> values(List<Ticket> tickets, Function<Ticket, String> field) {
        return tickets.stream().map(field).filter(Objects::nonNull).toList();
    }

    private static Set<String> dates(List<Ticket> tickets) {
        Set<String> dates = new HashSet<>();
        tickets.forEach(ticket -> DATE.matcher(ticket.text()).results().forEach(result -> dates.add(result.group())));
        return dates;
    }

    private static List<Function<CounterRandom, String>> detailsOf(Split split) {
        CustomerDetails details = new CustomerDetails(split);
        return List.of(details::person, details::town, details::date, details::phone);
    }

    private static Set<String> drawn(Function<CounterRandom, String> draw) {
        List<String> values = new ArrayList<>();
        for (long seed = 0; seed < 5_000; seed++) {
            values.add(draw.apply(new CounterRandom(seed)));
        }
        return new HashSet<>(values);
    }

    private static Map<String, Double> shares(List<Ticket> tickets, Function<TicketTruth, String> field) {
        Map<String, Long> counts =
                tickets.stream().collect(groupingBy(ticket -> field.apply(ticket.truth()), counting()));
        return counts.entrySet().stream()
                .collect(toMap(Map.Entry::getKey, entry -> entry.getValue() / (double) tickets.size()));
    }

    private static double share(List<Ticket> tickets, Predicate<Ticket> condition) {
        return tickets.stream().filter(condition).count() / (double) tickets.size();
    }

    private static List<Ticket> tickets(Split split, long seed) {
        TicketGenerator generator = new TicketGenerator(split, seed);
        return LongStream.range(0, COUNT).mapToObj(generator::ticket).toList();
    }
}
