package io.llamastreams.training.tickets;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Product names of one to four words, such as "Nordvik Kettle 300". The brand is composed of syllables and belongs to
 * one split; what stands after it is common to both. Any thread.
 */
final class ProductNames {

    private static final List<String> HEADS = words(
            "Nord Lu Quen Bra Fel Gri Hal Jor Kes Lan Mor Nel Or Pel Ran Sol Tor Ul Vel Wex Yar Zan Bel Cor Dal Eld "
                    + "Fro Gal Hex Il Jul Kor Lom Myr Nov Osk Pra Quor Rix Sve Tal Urb Vor Wil Xan Yel Zor Alt Bry "
                    + "Cal Dov Ert Fin Gor Hov Ist Jav Kal Lyn Mav");
    private static final List<String> MIDDLES = words("a e i o u an el in or ut ad ist");
    private static final List<String> TAILS = words(
            "vik mo dra ton ka lis nex ra sen tix va zo berg dan fex gard ho ja kel lund mar nis por quil rix sta "
                    + "tano vex wen xa yo zan bro cade dell fara gon hem jax kino");
    private static final List<String> NOUNS = List.of(
            ("Kettle,Lamp,Desk Lamp,Headphones,Toaster,Blender,Coffee Maker,Chair,Office Chair,Table,Vacuum,Heater,"
                            + "Speaker,Camera,Watch,Backpack,Tent,Bicycle,Helmet,Printer,Monitor,Keyboard,Mouse,"
                            + "Router,Tablet,Phone,Charger,Drill,Mixer,Oven,Fridge,Freezer,Grill,Pan,Pot,Knife Set,"
                            + "Pillow,Blanket,Mattress,Sofa,Shelf,Mirror,Clock,Fan,Humidifier,Scale,Iron,Shaver,"
                            + "Hair Dryer,Toothbrush,Jacket,Boots,Gloves,Scooter,Guitar,Piano,Microphone,Projector,"
                            + "Television,Radio,Doorbell,Thermostat,Lawn Mower,Hose,Ladder,Toolbox,Suitcase,Bottle,"
                            + "Lunch Box,Rug,Curtain,Sewing Machine,Air Cleaner,Dishwasher,Stove,Juicer,Rice Cooker,"
                            + "Wall Light,Garden Chair,Sleeping Bag,Bed Frame,Bookcase,Power Bank,Game Console")
                    .split(","));
    private static final List<String> LINES = words("Air Pro Max Mini Plus Lite Duo Neo Ultra Eco Classic One");

    private final Split split;

    ProductNames(Split split) {
        this.split = split;
    }

    String next(CounterRandom random) {
        String brand = random.ownedBy(split, () -> brand(random));
        int shape = random.below(100);
        if (shape < 26) {
            return brand + " " + random.oneOf(NOUNS);
        } else if (shape < 48) {
            return brand + " " + random.oneOf(NOUNS) + " " + model(random);
        } else if (shape < 68) {
            return brand + " " + model(random) + " " + random.oneOf(NOUNS);
        } else if (shape < 84) {
            return brand + " " + random.oneOf(LINES) + " " + random.oneOf(NOUNS);
        } else if (shape < 91) {
            return brand + " " + model(random);
        } else if (shape < 96) {
            return brand + " " + random.oneOf(LINES) + " " + model(random);
        }
        return brand;
    }

    /** All brands of both splits. */
    static Set<String> brands() {
        Set<String> brands = new LinkedHashSet<>();
        List<String> joints = new ArrayList<>(MIDDLES);
        joints.add("");
        for (String head : HEADS) {
            for (String joint : joints) {
                TAILS.forEach(tail -> brands.add(head + joint + tail));
            }
        }
        return brands;
    }

    private static String brand(CounterRandom random) {
        return random.oneOf(HEADS) + (random.chance(45) ? random.oneOf(MIDDLES) : "") + random.oneOf(TAILS);
    }

    private static String model(CounterRandom random) {
        return switch (random.below(4)) {
            case 0 -> random.between(1, 99) + "0";
            case 1 -> random.letter() + "" + random.between(1, 9);
            case 2 -> random.letter() + random.digits(2);
            default -> "" + random.between(2, 999);
        };
    }

    private static List<String> words(String text) {
        return List.of(text.split(" "));
    }
}
