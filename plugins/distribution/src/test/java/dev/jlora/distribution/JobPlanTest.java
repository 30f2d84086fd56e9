package dev.jlora.distribution;

import static dev.jlora.Jlora.finetune;
import static dev.jlora.Jlora.jsonl;
import static dev.jlora.Jlora.lora;
import static dev.jlora.Jlora.sequenceClassification;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.Finetune;
import dev.jlora.engine.jobs.Plan;
import dev.jlora.spec.LoraSpec;
import org.junit.jupiter.api.Test;

/** A job as a sentence, on the model that the quickstart uses, with every plugin there is. */
class JobPlanTest {
  private static final String MODEL = "../../examples/models/bert-tiny-imdb";
  private static final String ROWS = "../../examples/data/reviews-train.jsonl";

  private static Finetune job(LoraSpec.Builder adapter) {
    return finetune(MODEL)
        .task(sequenceClassification("negative", "positive"))
        .adapter(adapter)
        .data(jsonl(ROWS).maxLength(256));
  }

  @Test
  void a_plan_counts_before_anything_is_read() {
    Plan plan = job(lora().rank(8).alpha(32).targets("query", "value")).plan();

    assertThat(plan.model()).isEqualTo("BertForSequenceClassification");
    assertThat(plan.labels()).containsExactly("negative", "positive");
    assertThat(plan.targets()).hasSize(8).startsWith("bert.encoder.layer.0.attention.self.query");
    long pairs = 8 * 8 * (128 + 128);
    long head = 2 * 128 + 2;
    long pooler = 128 * 128 + 128; // the checkpoint has none: trained and saved with the adapter
    long trained = pairs + head + pooler;
    assertThat(plan.trainable()).isEqualTo(trained);
    assertThat(plan.memory().weights()).isEqualTo(4 * (plan.all() - trained));
    assertThat(plan.memory().adapter()).isEqualTo(2 * 4 * trained);
    assertThat(plan.memory().optimizer()).isEqualTo(8 * trained);
    assertThat(plan.toString()).contains("trainable params: 33,154 || all params: ");
  }

  @Test
  void bf16_halves_the_frozen_weights() {
    Finetune job = job(lora());
    long fp32 = job.plan().memory().weights();
    assertThat(job.bf16().plan().memory().weights()).isEqualTo(fp32 / 2);
  }

  @Test
  void labels_come_from_the_rows_where_nobody_names_them() {
    Plan plan =
        finetune(MODEL).task(sequenceClassification()).adapter(lora()).data(jsonl(ROWS)).plan();
    assertThat(plan.labels()).containsExactly("negative", "positive");
  }

  @Test
  void what_does_not_fit_is_told_with_the_nearest_names() {
    assertThatThrownBy(() -> job(lora().targets("qery")).plan())
        .hasMessageContaining("qery")
        .hasMessageContaining("query");
    assertThatThrownBy(() -> job(lora()).train(t -> t.optimizer("adamv")).plan())
        .hasMessageStartingWith(
            "optimizer: got 'adamv', expected one of 'adam', 'adamw', 'adamw8bit', 'lorafa',"
                + " 'loraplus', 'sgd'");
    assertThatThrownBy(() -> finetune("absent").task(sequenceClassification()).spec())
        .hasMessage("the job is not complete: add .data(jsonl(\"train.jsonl\"))");
  }
}
