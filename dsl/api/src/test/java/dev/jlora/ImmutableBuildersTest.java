package dev.jlora;

import static dev.jlora.Jlora.data;
import static dev.jlora.Jlora.finetune;
import static dev.jlora.Jlora.jsonl;
import static dev.jlora.Jlora.lora;
import static dev.jlora.Jlora.maskedLm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.spec.DataSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.SpecException;
import org.junit.jupiter.api.Test;

/** Every word returns a new value; the order of different words means nothing. */
class ImmutableBuildersTest {
  private static final Finetune BASE = finetune("bert").task(maskedLm()).data(jsonl("a"));

  @Test
  void jobs_that_share_a_beginning_are_two_jobs() {
    Finetune four = BASE.adapter(lora().rank(4));
    Finetune sixteen = BASE.adapter(lora().rank(16)).bf16();
    assertThat(((LoraSpec) four.spec().adapter()).rank()).isEqualTo(4);
    assertThat(((LoraSpec) sixteen.spec().adapter()).rank()).isEqualTo(16);
    assertThat(BASE.spec().adapter()).isNull();
    assertThat(four.spec().model()).isEqualTo(BASE.spec().model());
  }

  @Test
  void builders_that_share_a_beginning_are_two_builders() {
    LoraSpec.Builder lora = lora().rank(4).rankOf("key", 2).modulesToSave("pooler");
    lora.rank(16).rankOf("value", 3).modulesToSave("classifier");
    assertThat(lora.build())
        .isEqualTo(lora().rank(4).rankOf("key", 2).modulesToSave("pooler").build());
    DataSpec.Builder rows = data("a.csv").text("review");
    rows.text("other").limit(3).header("x");
    assertThat(rows.build()).isEqualTo(data("a.csv").text("review").build());
  }

  @Test
  void a_second_train_refines_the_first() {
    Finetune first = BASE.train(t -> t.epochs(5).learningRate(1e-3).output("one"));
    Finetune second = first.train(t -> t.output("two").batch(4));
    assertThat(second.spec().training().epochs()).isEqualTo(5);
    assertThat(second.spec().optimizer().learningRate()).isEqualTo(1e-3);
    assertThat(second.spec().training().output()).isEqualTo("two");
    assertThat(first.spec().training().output()).isEqualTo("one");
    assertThat(first.spec().training().batchSize()).isEqualTo(8);
  }

  @Test
  void the_order_of_words_means_nothing() {
    OptimizerSpec sgd = OptimizerSpec.of("sgd", 0.5).withMomentum(0.9);
    assertThat(BASE.train(t -> t.evalBatch(64).batch(4)).spec())
        .isEqualTo(BASE.train(t -> t.batch(4).evalBatch(64)).spec());
    assertThat(BASE.train(t -> t.batch(4)).spec().training().evalBatchSize()).isEqualTo(4);
    assertThat(BASE.train(t -> t.learningRate(0.1).optimizer(sgd)).spec().optimizer())
        .isEqualTo(BASE.train(t -> t.optimizer(sgd).learningRate(0.1)).spec().optimizer())
        .isEqualTo(sgd.withLearningRate(0.1));
    assertThat(
            BASE.train(
                    t -> t.warmupSteps(3).schedule(ScheduleSpec.of("cosine").withWarmupRatio(0.1)))
                .spec()
                .schedule())
        .isEqualTo(ScheduleSpec.of("cosine").withWarmupSteps(3));
    assertThat(data("a").tokens("words").label("tags").build())
        .isEqualTo(data("a").label("tags").tokens("words").build());
    assertThatThrownBy(() -> BASE.train(t -> t.warmupRatio(0.1).warmupSteps(3)).spec())
        .hasMessage(
            "train.warmupRatio: got 0.1 together with train.warmupSteps 3, expected only one of"
                + " them");
  }

  @Test
  void what_was_switched_on_can_be_switched_off() {
    Finetune base = BASE.train(TrainingBuilder::overwrite);
    assertThat(base.train(t -> t.overwrite(false).resume()).spec().training().resume()).isTrue();
  }

  @Test
  void all_that_is_wrong_comes_at_once_in_the_words_of_java() {
    assertThatThrownBy(
            () ->
                BASE.adapter(lora().rank(0).targets())
                    .data(jsonl("a").limit(0))
                    .train(t -> t.batch(0).learningRate(-1).earlyStopping(2))
                    .spec())
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("lora.rank: got 0")
        .hasMessageContaining("lora.targets: got an empty list")
        .hasMessageContaining("data.limit: got 0")
        .hasMessageContaining("train.batch: got 0")
        .hasMessageContaining("train.learningRate: got -1.0")
        .hasMessageContaining("train.earlyStopping: got 2 without train.keepBest, expected both");
  }

  @Test
  void what_is_not_finished_prints_and_says_what_is_missing() {
    assertThat(lora().rank(4)).hasToString(lora().rank(4).build().json());
    assertThat(lora().rank(0).toString())
        .contains("\"rank\" : 0", "not complete: lora.rank: got 0");
    assertThat(DataSpec.builder().limit(3).toString())
        .contains("\"train_limit\" : 3", "not complete: data.train: got none");
    assertThat(finetune("bert").adapter(lora().rank(4)).toString())
        .contains("finetune(\"bert\")", "\"rank\" : 4", "add .task(", " and .data(");
    assertThat(BASE).hasToString(BASE.spec().json());
  }
}
