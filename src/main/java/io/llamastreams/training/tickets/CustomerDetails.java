package io.llamastreams.training.tickets;

import java.util.List;
import java.util.Locale;

/** People, places, dates and numbers that a ticket mentions and its truth does not ask for. Any thread. */
final class CustomerDetails {

    private static final List<String> MONTHS = List.of(
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December");
    private static final List<String> FIRST_NAMES = words(
            "Anna Ben Clara David Elena Felix Greta Hugo Ines Jan Karin Leo Maria Nils Olga Paul Rosa Sven Tina Uwe Vera "
                    + "Walter Yara Zoe Adam Bianca Carlos Dora Erik Fatima Georg Hanna Igor Julia Kofi Laura Marco Nora "
                    + "Omar Petra Rafael Sara Tomas Ursula Victor Wanda Aisha Bruno Chiara Diego Emma Frida Gustav Helga "
                    + "Ivan Jana Klaus Lena Mateo Nadia Oskar Pia Quentin Rita Samir Teresa Viktor Agnes Boris Celine");
    private static final List<String> LAST_NAMES = words(
            "Andersen Bauer Costa Dubois Eriksson Ferrari Garcia Hansen Ivanov Jansen Kowalski Lopez Meyer Novak Olsen "
                    + "Pereira Rossi Schmidt Torres Visser Weber Moreau Silva Lindberg Bakker Fischer Romano Nowak Keller "
                    + "Martin Bergman Duarte Petit Conti Vogel Santos Larsen Peeters Ricci Klein Laurent Wagner Molina "
                    + "Dahl Smit Greco Zielinski Brandt Roux Almeida Svensson Huber Marino Vega Lefevre Janssen Krause");
    private static final List<String> TOWNS = words(
            "Berlin Paris Madrid Rome Lisbon Vienna Oslo Warsaw Prague Dublin Hamburg Lyon Seville Milan Porto Graz Bergen "
                    + "Krakow Brno Galway Munich Nantes Valencia Turin Basel Ghent Malmo Utrecht Aarhus Leeds Bristol Bremen");
    private static final List<String> GOODS = words(
            "lamp toaster kettle blender chair speaker camera watch backpack tent helmet printer keyboard mouse drill "
                    + "mixer pan blanket pillow mirror clock fan scale jacket radio ladder suitcase bottle rug hose");

    private final Split split;

    CustomerDetails(Split split) {
        this.split = split;
    }

    /**
     * Fills a slot of a phrase.
     *
     * @throws IllegalStateException if no detail has this name
     */
    String slot(String name, CounterRandom random) {
        return switch (name) {
            case "name", "agent" -> person(random);
            case "town" -> town(random);
            case "noun" -> noun(random);
            case "date" -> date(random);
            case "amount" -> amount(random);
            case "phone" -> phone(random);
            case "customer" -> customerNumber(random);
            case "invoice" -> invoiceNumber(random);
            case "code" -> errorCode(random);
            default -> throw new IllegalStateException("phrasebook: no slot <" + name + ">");
        };
    }

    String person(CounterRandom random) {
        String first = random.ownedBy(split, () -> random.oneOf(FIRST_NAMES));
        return random.chance(40) ? first : first + " " + random.ownedBy(split, () -> random.oneOf(LAST_NAMES));
    }

    String town(CounterRandom random) {
        return random.ownedBy(split, () -> random.oneOf(TOWNS));
    }

    /** A thing in one word, in lower case, after "a"; never the product of the ticket. */
    String noun(CounterRandom random) {
        return random.oneOf(GOODS);
    }

    /** Day and month decide the split, whatever the way they are written. */
    String date(CounterRandom random) {
        String[] dayAndMonth = random.ownedBy(split, () -> random.between(1, 28) + "/" + random.between(1, 12))
                .split("/");
        int day = Integer.parseInt(dayAndMonth[0]);
        int month = Integer.parseInt(dayAndMonth[1]);
        String name = MONTHS.get(month - 1);
        return switch (random.below(5)) {
            case 0 -> day + " " + name;
            case 1 -> name + " " + day;
            case 2 -> day + " " + name + " 2026";
            case 3 -> String.format(Locale.ROOT, "%02d.%02d.2026", day, month);
            default -> String.format(Locale.ROOT, "2026-%02d-%02d", month, day);
        };
    }

    String amount(CounterRandom random) {
        String value = random.ownedBy(split, () -> random.between(5, 899) + "." + random.digits(2));
        return switch (random.below(4)) {
            case 0 -> value + " EUR";
            case 1 -> "$" + value;
            case 2 -> value.substring(0, value.indexOf('.')) + " euros";
            default -> "EUR " + value;
        };
    }

    String phone(CounterRandom random) {
        return random.ownedBy(split, () -> switch (random.below(3)) {
            case 0 -> "0" + random.digits(3) + " " + random.digits(6);
            case 1 -> "+" + random.between(31, 49) + " " + random.digits(3) + " " + random.digits(7);
            default -> random.digits(3) + "-" + random.digits(4);
        });
    }

    String customerNumber(CounterRandom random) {
        return random.ownedBy(
                split,
                () -> (random.chance(50) ? "C" : "") + random.between(1, 9) + random.digits(random.between(3, 5)));
    }

    String invoiceNumber(CounterRandom random) {
        return random.ownedBy(split, () -> (random.chance(60) ? "INV-" : "R") + random.digits(random.between(4, 6)));
    }

    String errorCode(CounterRandom random) {
        return random.ownedBy(split, () -> "E" + random.digits(2));
    }

    private static List<String> words(String text) {
        return List.of(text.split(" "));
    }
}
