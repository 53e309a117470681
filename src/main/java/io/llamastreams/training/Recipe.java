package io.llamastreams.training;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.tensor.quant.TensorType;
import io.llamastreams.training.optimiser.AdamWSettings;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * How a model is made, down to its bits: the same recipe and data give the same file on any machine.
 *
 * @param name of the model, in its file
 * @param seed of the first weights, and of generated data
 * @param config shape, vocabulary size included
 * @param tiedOutput whether the embedding is the output matrix too
 * @param initialDeviation of the first weights; matrices that write to the residual stream get it divided by sqrt(2 layers),
 *     after Radford et al. 2019, section 2.3
 * @param vocabularyTexts texts that the vocabulary is learnt from
 * @param optimiser constants of AdamW
 * @param pretraining on texts, every token
 * @param fineTuning on dialogues, tokens of answers
 * @param secondFineTuning on other dialogues, where there are such
 * @param fileType of the matrices in the model's file
 * @param reportSteps steps from one report to the next
 * @param evaluationSteps steps from one held-out measurement to the next
 */
public record Recipe(
        String name,
        long seed,
        LlamaConfig config,
        boolean tiedOutput,
        float initialDeviation,
        int vocabularyTexts,
        AdamWSettings optimiser,
        Phase pretraining,
        Phase fineTuning,
        Phase secondFineTuning,
        TensorType fileType,
        int reportSteps,
        int evaluationSteps) {

    public Recipe {
        if (!(initialDeviation > 0)) {
            throw new IllegalArgumentException("initial deviation: expected above 0, found " + initialDeviation);
        }
        if (vocabularyTexts < 1 || reportSteps < 1 || evaluationSteps < 1) {
            throw new IllegalArgumentException(
                    "vocabulary texts, report steps, evaluation steps: expected at least 1, found " + vocabularyTexts
                            + ", " + reportSteps + ", " + evaluationSteps);
        }
        if (pretraining.steps() + fineTuning.steps() + secondFineTuning.steps() == 0) {
            throw new IllegalArgumentException("steps: expected some, found none in any phase");
        }
    }

    /** Whether dialogues are learnt. */
    public boolean fineTunes() {
        return fineTuning.steps() + secondFineTuning.steps() > 0;
    }

    /** Of everything that decides the weights, the data included; not of what the run only reports. */
    String digest(String dataDigest) {
        String text = String.join(
                "\n",
                dataDigest,
                Long.toString(seed),
                config.toString(),
                Boolean.toString(tiedOutput),
                Float.toString(initialDeviation),
                Integer.toString(vocabularyTexts),
                optimiser.toString(),
                pretraining.toString(),
                fineTuning.toString(),
                secondFineTuning.toString());
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
