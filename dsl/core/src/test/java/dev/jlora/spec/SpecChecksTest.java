package dev.jlora.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Each check of each record, by the text that a user sees. */
class SpecChecksTest {

  @Test
  void lora() {
    lora(l -> l.rank(0), "lora.rank: got 0, expected 1 to 65536 (8 is a common choice)");
    lora(
        l -> l.alpha(-1),
        "lora.alpha: got -1.0, expected a number above 0, up to 1.0E9 (often 1 to 4"
            + " times the rank)");
    lora(l -> l.dropout(1), "lora.dropout: got 1.0, expected 0 or more and less than 1");
    lora(l -> l.dropout(Double.NaN), "lora.dropout: got NaN, expected 0 or more and less than 1");
    lora(
        l -> l.targets(),
        "lora.target_modules: got an empty list, expected module names such as query; leave it out"
            + " for the family's own");
    lora(
        l -> l.exclude(Targets.allLinear()),
        "lora.exclude_modules: got all-linear, expected names or a regular expression");
    lora(
        l -> l.layers(1),
        "lora.layers_to_transform: got [1], expected lora.target_modules to be a list of names with"
            + " it");
    lora(
        l -> l.targets("query").layers(-1),
        "lora.layers_to_transform: got [-1], expected indices from 0");
    lora(
        l -> l.layersPattern("layer"),
        "lora.layers_pattern: got 'layer' without lora.layers_to_transform, expected both or none");
    lora(l -> l.modulesToSave(" "), "lora.modules_to_save: got a blank name in [ ]");
    lora(l -> l.rankOf("key", 0), "lora.rank_pattern 'key': got 0, expected 1 to 65536");
    lora(
        l -> l.rankOf("(", 1),
        "lora.rank_pattern '(': expected a regular expression: Unclosed group");
    lora(
        l -> l.alphaOf("key", 0),
        "lora.alpha_pattern 'key': got 0.0, expected above 0, up to 1.0E9");
    lora(
        l -> l.alphaOf("(", 1),
        "lora.alpha_pattern '(': expected a regular expression: Unclosed group");
    problems(() -> Targets.names("query", ""), "targets.names: got a blank one in [query, ]");
    problems(
        () -> Targets.regex("("),
        "targets.regex: got '(', which is no regular expression: Unclosed group");
  }

  @Test
  void lora_s_options_that_exclude_each_other() {
    lora(
        l -> l.loraBias().init(LoraInit.GAUSSIAN),
        "lora.lora_bias: got true with init_lora_weights 'gaussian', expected true or false there");
    lora(l -> l.loraBias().dora(), "lora.lora_bias: got true with use_dora, expected one of them");
    lora(
        l -> l.targetParameters("weight").dropout(0.5).fanInFanOut(true),
        "lora.target_parameters: got names with dropout 0.5, expected dropout 0",
        "lora.target_parameters: got names with fan_in_fan_out, expected false");
    lora(
        l -> l.targetParameters("weight").loraBias(),
        "lora.target_parameters: got names with lora_bias, expected false");
    lora(
        l -> l.targetParameters("weight").dora(),
        "lora.target_parameters: got names with use_dora, expected false");
    lora(l -> l.targetParameters(""), "lora.target_parameters: got a blank name in []");
    lora(
        l -> l.replicateLayers(new LayerRange(2, 2)),
        "lora.layer_replication: got [2, 2], expected a first layer from 0 and the one after the"
            + " last");
    lora(
        l -> l.replicateLayers(new LayerRange(0, 2)).bias(Bias.ALL).targetParameters("weight"),
        "lora.layer_replication: got [[0, 2]] with bias, whose values the layers share, expected"
            + " bias none",
        "lora.layer_replication: got [[0, 2]] with target_parameters, which the layers share,"
            + " expected one of them");
    assertThat(LoraSpec.builder().targets().targetParameters("weight").build().targetModules())
        .isEqualTo(Targets.names());
  }

  @Test
  void trainable_tokens() {
    String key = "lora.trainable_token_indices";
    lora(l -> l.trainableTokens(), key + ": got an empty list, expected token ids");
    lora(l -> l.trainableTokens(3, -1), key + ": got [3, -1], expected ids from 0");
    lora(l -> l.trainableTokens(3, 3), key + ": got [3, 3], expected each id once");
    lora(
        l -> l.trainableTokens(new TokenIndices.ByName(Map.of())),
        key + ": got no embedding, expected names");
    lora(
        l ->
            l.trainableTokens(new TokenIndices.ByName(Map.of("wte", List.of(1))))
                .modulesToSave("wte"),
        key + ": got 'wte', which modules_to_save trains in full, expected only one of them");
    assertThatThrownBy(() -> TokenIndices.of(List.of("a")))
        .hasMessage(
            "got [a], expected a list of token ids, or an object from the names of embeddings to"
                + " such lists");
    assertThatThrownBy(() -> LayerRange.of(List.of(1)))
        .hasMessage("got [1], expected a first layer and the one after the last, such as [0, 2]");
  }

  @Test
  void several_problems_come_together() {
    lora(
        l -> l.rank(-2).dropout(2),
        "lora.rank: got -2, expected 1 to 65536 (8 is a common choice)",
        "lora.dropout: got 2.0, expected 0 or more and less than 1");
  }

  @Test
  void what_is_no_path_is_told_with_its_key() {
    String no = "expected a path: file names cannot contain the character U+0000";
    problems(() -> ModelSpec.of("a\0b"), "model.path: got 'a\\0b', " + no);
    problems(() -> ModelSpec.of("bert").withAdapter("\0"), "model.adapter: got '\\0', " + no);
    data(d -> d.train("a\0.csv"), "data.train: got 'a\\0.csv', " + no);
    data(d -> d.train("a").validation("\0"), "data.validation: got '\\0', " + no);
    data(d -> d.train("a").test("\0"), "data.test: got '\\0', " + no);
    data(d -> d.train(" "), "data.train: got a blank text, expected a file of rows");
    training(t -> t.output("a\0b"), "training.output: got 'a\\0b', " + no);
    var latin = new InvalidPathException("caf\u00e9", "Malformed input");
    assertThat(PathProblem.of(latin))
        .startsWith("got 'caf\u00e9', which the system's file name encoding, ")
        .endsWith(
            "cannot represent; start with the locale C.UTF-8 (LC_ALL=C.UTF-8), or rename the file");
  }

  @Test
  void a_value_of_a_thousand_characters_is_not_repeated_whole() {
    String job = "{\"task\": {\"name\": [\"" + "x".repeat(1000) + "\"]}}";
    SpecException told = catchThrowableOfType(SpecException.class, () -> JobSpec.parse(job));
    assertThat(told.getMessage()).contains("x..., expected text").hasSizeLessThan(1000);
  }

  @Test
  void model_and_task() {
    problems(() -> ModelSpec.of(" "), "model.path: got none, expected a model folder");
    problems(
        () -> ModelSpec.of("bert").withArchitecture(""),
        "model.architecture: got a blank one, expected a class name such as"
            + " BertForSequenceClassification, or leave it out");
    problems(
        () -> TaskSpec.of(""),
        "task.name: got none, expected a task such as sequence-classification");
    problems(
        () -> TaskSpec.of("x", "a", ""),
        "task.labels: got a blank one in [a, ], expected a name for each");
    problems(
        () -> TaskSpec.of("x", "a", "a"),
        "task.labels: got a duplicate in [a, a], expected distinct names");
    problems(
        () -> TaskSpec.of("x", "a").withProblem(TaskSpec.Problem.SINGLE_LABEL_CLASSIFICATION),
        "task.labels: got only '[a]', expected two or more for a classification");
  }

  @Test
  void data() {
    problems(
        () -> DataSpec.builder().build(),
        "data.train: got none, expected one of data.train, data.validation and" + " data.test");
    data(
        d -> d.maxLength(2),
        "data.max_length: got 2, expected 3 or more tokens (two of them are special)");
    data(d -> d.padToMultipleOf(0), "data.pad_to_multiple_of: got 0, expected 1 or more");
    data(
        d -> d.padding(Padding.MAX_LENGTH),
        "data.padding: got max_length without data.max_length, expected both");
    data(d -> d.limit(0), "data.train_limit: got 0, expected 1 or more rows");
    data(d -> d.validationLimit(-1), "data.validation_limit: got -1, expected 1 or more rows");
    data(d -> d.testLimit(0), "data.test_limit: got 0, expected 1 or more rows");
    problems(
        () -> new ColumnsSpec(null, null, "label", null),
        "data.columns.text: got none, expected a column of text or one of tokens");
    problems(
        () -> new ColumnsSpec(null, "b", "label", "tokens"),
        "data.columns.text_pair: got 'b' without data.columns.text, expected both");
  }

  @Test
  void optimizer_and_schedule() {
    OptimizerSpec adamw = OptimizerSpec.defaults();
    problems(
        () -> adamw.withName(""), "optimizer.name: got none, expected an optimizer such as adamw");
    problems(
        () -> adamw.withLearningRate(Double.POSITIVE_INFINITY),
        "optimizer.learning_rate: got Infinity, expected a number above 0 (2e-4 is a common"
            + " choice)");
    problems(
        () -> adamw.withWeightDecay(-1), "optimizer.weight_decay: got -1.0, expected 0 or more");
    problems(
        () -> adamw.withBetas(-0.1, 1),
        "optimizer.beta1: got -0.1, expected 0 or more and less than 1",
        "optimizer.beta2: got 1.0, expected 0 or more and less than 1");
    problems(
        () -> adamw.withMomentum(1),
        "optimizer.momentum: got 1.0, expected 0 or more and less than 1");
    problems(
        () -> new OptimizerSpec("sgd", 1, 0, false, 0.9, 0.9, 0, 0, true),
        "optimizer.epsilon: got 0.0, expected above 0",
        "optimizer.nesterov: got true with optimizer.momentum 0, expected momentum");
    problems(
        () -> ScheduleSpec.of(" "), "schedule.name: got none, expected a schedule such as linear");
    problems(
        () -> ScheduleSpec.of("linear").withWarmupSteps(-1),
        "schedule.warmup_steps: got -1, expected 0 or more");
    problems(
        () -> ScheduleSpec.of("linear").withWarmupRatio(1),
        "schedule.warmup_ratio: got 1.0, expected 0 or more and less than 1 (a share of all"
            + " steps)");
    problems(
        () -> new ScheduleSpec("linear", 5, 0.1),
        "schedule.warmup_ratio: got 0.1 together with schedule.warmup_steps 5, expected only one of"
            + " them");
  }

  @Test
  void a_share_of_warm_up_is_rounded_up() {
    assertThat(ScheduleSpec.of("linear").withWarmupRatio(0.06).warmupSteps(101)).isEqualTo(7);
    assertThat(ScheduleSpec.of("linear").withWarmupSteps(5).warmupSteps(101)).isEqualTo(5);
  }

  @Test
  void training() {
    training(t -> t.epochs(0), "training.epochs: got 0.0, expected more than 0");
    training(
        t -> t.maxSteps(0),
        "training.max_steps: got 0, expected 1 or more, or nothing for no limit");
    training(t -> t.batch(0), "training.batch_size: got 0, expected 1 or more");
    training(t -> t.evalBatch(0), "training.eval_batch_size: got 0, expected 1 or more");
    training(
        t -> t.accumulate(0), "training.gradient_accumulation_steps: got 0, expected 1 or more");
    training(
        t -> t.maxGradNorm(-1),
        "training.max_grad_norm: got -1.0, expected 0 (never clip) or more");
    training(
        t -> t.labelSmoothing(1),
        "training.label_smoothing: got 1.0, expected 0 or more and less than 1");
    training(t -> t.threads(0), "training.threads: got 0, expected 1 to 1024");
    training(t -> t.threads(100_000), "training.threads: got 100000, expected 1 to 1024");
    training(t -> t.loggingSteps(0), "training.logging_steps: got 0, expected 1 or more");
    training(
        t -> t.saveTotalLimit(0),
        "training.save_total_limit: got 0, expected 1 or more, or nothing for all");
    training(
        t -> t.keepBest("f1").evaluate(Interval.never()),
        "training.best_metric: got 'f1' while training.evaluate is \"no\", expected evaluations to"
            + " select by");
    training(
        t -> t.keepBest("f1").save(Interval.never()),
        "training.best_metric: got 'f1' while training.save is \"no\", expected checkpoints to"
            + " select from");
    training(
        t -> t.keepBest("f1").earlyStopping(0, 0),
        "training.early_stopping_patience: got 0, expected 1 or more evaluations");
    training(
        t -> t.earlyStopping(1, 0),
        "training.early_stopping_patience: got 1 without training.best_metric, expected both");
    training(
        t -> t.keepBest("f1").earlyStopping(1, -1),
        "training.early_stopping_threshold: got -1.0, expected 0 or more");
    training(t -> t.output(""), "training.output: got none, expected a folder");
    training(
        t -> t.overwrite(true).resume(true),
        "training.resume: got true together with training.overwrite, expected only one of them");
    problems(() -> Interval.steps(0), "interval.steps: got 0, expected 1 or more");
  }

  private static void lora(UnaryOperator<LoraSpec.Builder> wrong, String... expected) {
    problems(() -> wrong.apply(LoraSpec.builder()).build(), expected);
  }

  private static void data(UnaryOperator<DataSpec.Builder> wrong, String... expected) {
    problems(() -> wrong.apply(DataSpec.builder().train("train.jsonl")).build(), expected);
  }

  private static void training(UnaryOperator<TrainingSpec.Builder> wrong, String... expected) {
    problems(() -> wrong.apply(TrainingSpec.builder()).build(), expected);
  }

  private static void problems(ThrowingCallable wrong, String... expected) {
    SpecException problems = catchThrowableOfType(SpecException.class, wrong);
    assertThat(problems.problems()).containsExactly(expected);
  }
}
