package io.llamastreams.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.tensor.kernel.KernelChoice;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.quant.TensorType;
import io.llamastreams.tensor.vector.KernelProvider;
import io.llamastreams.tokenizer.Tokenizer;
import io.llamastreams.training.Trainer.PhaseName;
import io.llamastreams.training.checkpoint.CheckpointFile;
import io.llamastreams.training.data.BatchSource;
import io.llamastreams.training.data.Dialogue;
import io.llamastreams.training.data.PackedDialogues;
import io.llamastreams.training.data.PackedTexts;
import io.llamastreams.training.network.TokenBatch;
import io.llamastreams.training.optimiser.AdamWSettings;
import io.llamastreams.training.optimiser.ParameterTensor;
import io.llamastreams.training.optimiser.TrainingDivergedException;
import io.llamastreams.training.report.TrainingReport;
import io.llamastreams.training.vocabulary.BpeTrainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
    private static final int CONTEXT = 64;
    private static final int VOCABULARY = 305;

    /** A language of eight words in which each is followed by one of two. */
    private static final Tokenizer TOKENIZER = new Tokenizer(BpeTrainer.train(
            () -> IntStream.range(0, 500).mapToObj(TrainerTest::text).iterator(), VOCABULARY));

    @TempDir
    private Path folder;

    private static String text(long index) {
        String[] words = {"amber", "birch", "cedar", "delta", "ember", "flint", "grove", "heath"};
        StringBuilder text = new StringBuilder();
        int word = (int) (index % words.length);
        for (int i = 0; i < 12; i++) {
            text.append(words[word]).append(' ');
            word = (int) ((3L * word + 1 + ((index >> (i % 16)) & 1)) % words.length);
        }
        return text.toString();
    }

    private static Dialogue dialogue(long index) {
        String asked = text(index).split(" ")[0];
        return new Dialogue(List.of(new PromptInput.Message("user", "say " + asked)), asked + " " + asked);
    }

    private static final Phase NONE = new Phase(0, 0, 0, 1, 1);

    private static Recipe recipe(Phase pretraining, Phase fineTuning, Phase secondFineTuning) {
        LlamaConfig config = new LlamaConfig(VOCABULARY, 32, 2, 4, 2, 8, 48, CONTEXT, 10000f, 1f, 1e-5f);
        return new Recipe(
                "test",
                7,
                config,
                true,
                0.1f,
                1,
                AdamWSettings.LLAMA2,
                pretraining,
                fineTuning,
                secondFineTuning,
                TensorType.F32,
                5,
                10);
    }

    private static final Recipe SHORT =
            recipe(new Phase(8, 2, 0.01f, 2, 2), new Phase(7, 2, 0.01f, 1, 3), new Phase(3, 1, 0.01f, 2, 1));

    private static Trainer trainer(Recipe recipe, WorkerPool pool) {
        BatchSource texts = new PackedTexts(
                TrainerTest::text, TOKENIZER, recipe.pretraining().rows(), CONTEXT);
        BatchSource dialogues = new PackedDialogues(
                TrainerTest::dialogue, TOKENIZER, recipe.fineTuning().rows(), CONTEXT);
        BatchSource secondDialogues = new PackedDialogues(
                index -> dialogue(index + 17),
                TOKENIZER,
                recipe.secondFineTuning().rows(),
                CONTEXT);
        TokenBatch heldOut = new PackedTexts(index -> text(index + 1000), TOKENIZER, 1, CONTEXT).next();
        return new Trainer(
                recipe,
                "eight words",
                Map.of(
                        PhaseName.PRETRAINING, new TrainingData(texts, List.of(heldOut)),
                        PhaseName.FINE_TUNING, new TrainingData(dialogues, List.of()),
                        PhaseName.SECOND_FINE_TUNING, new TrainingData(secondDialogues, List.of())),
                KernelProvider.chooseForTraining(KernelChoice.AUTO),
                pool,
                System::nanoTime);
    }

    private static List<TrainingReport> runToTheEnd(Trainer trainer) {
        List<TrainingReport> reports = new ArrayList<>();
        while (!trainer.isFinished()) {
            trainer.step().ifPresent(reports::add);
        }
        return reports;
    }

    @Test
    void endsWithTheSameWeightsOnOneThreadAndOnTwoInterruptedAtEveryStep() throws IOException {
        float[] expected;
        try (WorkerPool pool = new WorkerPool(1)) {
            Trainer whole = trainer(SHORT, pool);
            runToTheEnd(whole);
            expected = whole.weights().clone();
        }
        Path file = folder.resolve("checkpoint.bin");
        try (WorkerPool pool = new WorkerPool(2)) {
            CheckpointFile.write(file, trainer(SHORT, pool).checkpoint());
            for (int interruptions = 0; ; interruptions++) {
                Trainer resumed = trainer(SHORT, pool);
                resumed.restore(CheckpointFile.read(file));
                if (resumed.isFinished()) {
                    assertThat(interruptions).isEqualTo(8 + 7 + 3);
                    assertThat(resumed.weights()).isEqualTo(expected);
                    break;
                }
                resumed.step();
                CheckpointFile.write(file, resumed.checkpoint());
            }
        }
    }

    @Test
    void changesEveryTensor() {
        try (WorkerPool pool = new WorkerPool(1)) {
            Trainer trainer = trainer(SHORT, pool);
            float[] before = trainer.weights().clone();
            runToTheEnd(trainer);
            for (ParameterTensor tensor : trainer.layout().tensors()) {
                assertThat(Arrays.copyOfRange(trainer.weights(), tensor.offset(), tensor.end()))
                        .as(tensor.name())
                        .isNotEqualTo(Arrays.copyOfRange(before, tensor.offset(), tensor.end()));
            }
        }
    }

    @Test
    void learnsWhatFollowsWhatAndThenToAnswer() {
        Recipe recipe = recipe(new Phase(60, 5, 0.02f, 2, 1), new Phase(60, 5, 0.02f, 2, 1), NONE);
        try (WorkerPool pool = new WorkerPool(2)) {
            List<TrainingReport> reports = runToTheEnd(trainer(recipe, pool));
            TrainingReport first = reports.getFirst();
            assertThat(first.phase()).isEqualTo("pretraining");
            assertThat(first.step()).isEqualTo(5);
            // Untrained: about log(305) = 5.7. A word follows in two ways, and has two to four tokens.
            assertThat(first.loss()).isBetween(3.0, 6.5);
            TrainingReport pretrained = reports.get(11);
            assertThat(pretrained.step()).isEqualTo(60);
            assertThat(pretrained.heldOutLoss().orElseThrow()).isLessThan(1.0);
            TrainingReport last = reports.getLast();
            assertThat(last.phase()).isEqualTo("fine-tuning");
            assertThat(last.step()).isEqualTo(60);
            assertThat(last.rate()).isEqualTo(0.002, org.assertj.core.api.Assertions.within(1e-8));
            assertThat(last.loss()).isLessThan(0.3);
        }
    }

    @Test
    void leavesOutAPhaseWithoutSteps() {
        Recipe recipe = recipe(NONE, new Phase(2, 0, 0.01f, 1, 1), NONE);
        try (WorkerPool pool = new WorkerPool(1)) {
            Trainer trainer = trainer(recipe, pool);
            assertThat(trainer.phase()).isEqualTo(PhaseName.FINE_TUNING);
            assertThat(runToTheEnd(trainer)).hasSize(1);
            assertThatIllegalStateException().isThrownBy(trainer::step).withMessage("training: the run is finished");
        }
    }

    @Test
    void refusesACheckpointOfAnotherRecipe() {
        Recipe other = recipe(new Phase(9, 2, 0.01f, 2, 2), new Phase(7, 2, 0.01f, 1, 3), NONE);
        try (WorkerPool pool = new WorkerPool(1)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            trainer(SHORT, pool).restore(trainer(other, pool).checkpoint()))
                    .withMessageStartingWith("checkpoint: expected one of recipe ");
        }
    }

    @Test
    void stopsWhenTheLossIsNoNumber() {
        try (WorkerPool pool = new WorkerPool(1)) {
            Trainer trainer = trainer(SHORT, pool);
            // The embedding of a token that is sure to come.
            trainer.weights()[TOKENIZER.bosId() * 32] = Float.NaN;
            assertThatThrownBy(trainer::step)
                    .isInstanceOf(TrainingDivergedException.class)
                    .hasMessage("step 1: loss: expected a finite number, found NaN");
        }
    }
}
