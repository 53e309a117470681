package io.llamastreams.app.command;

import io.llamastreams.model.load.WeightStorage;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Where the weights of a model that is run lie. Mixed into the commands that run one; it changes no result. */
final class WeightsOption {

    /** Places as users name them. */
    enum Place {
        PACKED,
        MAPPED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--weights",
            paramLabel = "PLACE",
            description =
                    "${COMPLETION-CANDIDATES} (default: packed): a copy in memory, laid out for speed; or the file"
                            + " itself, of which all processes share one copy, and which is slower. Same results.")
    private Place place = Place.PACKED;

    WeightStorage storage() {
        return switch (place) {
            case PACKED -> WeightStorage.PACKED;
            case MAPPED -> WeightStorage.MAPPED;
        };
    }
}
