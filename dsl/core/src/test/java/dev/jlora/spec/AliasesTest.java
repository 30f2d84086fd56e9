package dev.jlora.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;

/** PEFT's LoraConfig and transformers' TrainingArguments, as a user would paste them. */
class AliasesTest {
  private static JobSpec job(String adapter, String training) {
    return JobSpec.parse(
        """
        {"model": {"path": "bert"}, "task": {"name": "masked-lm"}, "data": {"train": "a"},
         "adapter": {"peft_type": "LORA"%s}, "training": {%s}}
        """
            .formatted(adapter, training));
  }

  private static List<String> problems(String adapter, String training) {
    return catchThrowableOfType(SpecException.class, () -> job(adapter, training)).problems();
  }

  @Test
  void names_of_peft_and_of_the_trainer_mean_what_they_mean_there() {
    JobSpec job =
        job(
            ", \"r\": 4, \"lora_alpha\": 16, \"lora_dropout\": 0.25",
            """
            "learning_rate": 1e-3, "weight_decay": 0.5, "per_device_train_batch_size": 3,
            "per_device_eval_batch_size": 5, "num_train_epochs": 2, "warmup_ratio": 0.125,
            "lr_scheduler_type": "constant_with_warmup", "optim": "adamw_torch", "bf16": true,
            "fp16": false, "metric_for_best_model": "eval_f1", "load_best_model_at_end": true,
            "greater_is_better": true, "eval_strategy": "steps", "eval_steps": 10,
            "save_strategy": "epoch", "label_smoothing_factor": 0.25, "output_dir": "out",
            "max_grad_norm": 2, "seed": 7, "group_by_length": false, "adam_beta2": 0.5
            """);
    LoraSpec lora = (LoraSpec) job.adapter();
    assertThat(lora).isEqualTo(LoraSpec.builder().rank(4).alpha(16).dropout(0.25).build());
    assertThat(job.model().precision()).isEqualTo(Precision.BF16);
    assertThat(job.optimizer())
        .isEqualTo(OptimizerSpec.of("adamw", 1e-3).withWeightDecay(0.5).withBetas(0.9, 0.5));
    assertThat(job.schedule()).isEqualTo(ScheduleSpec.of("constant").withWarmupRatio(0.125));
    assertThat(job.data().groupByLength()).isFalse();
    assertThat(job.training())
        .isEqualTo(
            TrainingSpec.builder()
                .batch(3)
                .evalBatch(5)
                .epochs(2)
                .keepBest("f1")
                .greaterIsBetter(true)
                .evaluate(Interval.steps(10))
                .labelSmoothing(0.25)
                .output("out")
                .maxGradNorm(2)
                .seed(7)
                .build());
  }

  @Test
  void two_names_of_one_thing_are_refused() {
    assertThat(problems(", \"r\": 4, \"rank\": 8", "\"optim\": \"sgd\", \"epochs\": 1"))
        .containsExactly(
            "adapter.r: got it together with adapter.rank, which means the same; expected one of"
                + " them");
    assertThat(problems("", "\"bf16\": true, \"fp16\": true"))
        .containsExactly(
            "training.fp16: got it together with training.bf16, which means the same; expected one"
                + " of them");
  }

  @Test
  void what_means_something_else_there_is_refused() {
    assertThat(problems("", "\"eval_strategy\": \"steps\""))
        .containsExactly(
            "training.eval_strategy: got \"steps\" without training.eval_steps, expected the number"
                + " of steps");
    assertThat(problems("", "\"save_strategy\": \"epoch\", \"save_steps\": 5"))
        .singleElement()
        .asString()
        .startsWith("training.save_steps: got 5 while training.save_strategy is epoch");
    assertThat(problems("", "\"best_metric\": \"f1\", \"load_best_model_at_end\": false"))
        .singleElement()
        .asString()
        .startsWith(
            "training.load_best_model_at_end: got false together with training.best_metric");
    assertThat(problems("", "\"resume_from_checkpoint\": \"out/checkpoint-5\""))
        .singleElement()
        .asString()
        .startsWith("training.resume_from_checkpoint: got 'out/checkpoint-5', expected true");
    assertThat(problems("", "\"use_cpu\": 1"))
        .containsExactly("training.use_cpu: got 1, expected true or false");
  }

  @Test
  void an_unknown_key_is_pointed_to_its_place_or_to_a_near_one() {
    assertThat(problems(", \"epochs\": 2, \"x\": 1, \"lora_alpa\": 3", "\"rnak\": 1"))
        .anySatisfy(
            hint ->
                assertThat(hint)
                    .startsWith("adapter.epochs: unknown key, it belongs to training.epochs ("))
        .anySatisfy(hint -> assertThat(hint).startsWith("adapter.x: unknown key (known: alpha,"))
        .anySatisfy(
            hint ->
                assertThat(hint)
                    .startsWith(
                        "adapter.lora_alpa: unknown key, the nearest is 'lora_alpha', which means"
                            + " adapter.alpha"))
        .anySatisfy(hint -> assertThat(hint).startsWith("training.rnak: unknown key"));
  }

  @Test
  void columns_that_are_not_named_keep_their_defaults() {
    DataSpec data =
        SpecReader.read(
            "{\"train\": \"a\", \"columns\": {\"text\": \"review\"}}",
            DataSpec.class,
            SpecTypes.of(java.util.Map.of()));
    assertThat(data.columns().label()).isEqualTo("label");
  }
}
