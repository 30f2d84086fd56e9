package dev.jlora;

import static dev.jlora.Jlora.csv;
import static dev.jlora.Jlora.data;
import static dev.jlora.Jlora.finetune;
import static dev.jlora.Jlora.imageClassification;
import static dev.jlora.Jlora.imageFolder;
import static dev.jlora.Jlora.jsonl;
import static dev.jlora.Jlora.lora;
import static dev.jlora.Jlora.maskedLm;
import static dev.jlora.Jlora.multiLabelClassification;
import static dev.jlora.Jlora.questionAnswering;
import static dev.jlora.Jlora.regression;
import static dev.jlora.Jlora.sequenceClassification;
import static dev.jlora.Jlora.tokenClassification;
import static dev.jlora.Jlora.tsv;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.Precision;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.SpecException;
import dev.jlora.spec.Targets;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TrainingSpec;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Each word of a job stands for the part of the spec that it says. */
class JloraTest {
  @Test
  void the_words_for_tasks() {
    assertThat(sequenceClassification("a", "b"))
        .isEqualTo(TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION, "a", "b"));
    assertThat(multiLabelClassification("a", "b"))
        .isEqualTo(
            new TaskSpec(
                TaskSpec.SEQUENCE_CLASSIFICATION,
                List.of("a", "b"),
                TaskSpec.Problem.MULTI_LABEL_CLASSIFICATION,
                List.of()));
    assertThat(regression().problem()).isEqualTo(TaskSpec.Problem.REGRESSION);
    assertThat(regression().name()).isEqualTo(TaskSpec.SEQUENCE_CLASSIFICATION);
    assertThat(tokenClassification("O", "NOUN"))
        .isEqualTo(TaskSpec.of(TaskSpec.TOKEN_CLASSIFICATION, "O", "NOUN"));
    assertThat(maskedLm()).isEqualTo(TaskSpec.of(TaskSpec.MASKED_LM));
    assertThat(questionAnswering()).isEqualTo(TaskSpec.of(TaskSpec.QUESTION_ANSWERING));
    assertThat(imageClassification("cat", "dog").withMetrics("accuracy"))
        .isEqualTo(
            new TaskSpec(
                TaskSpec.IMAGE_CLASSIFICATION, List.of("cat", "dog"), null, List.of("accuracy")));
  }

  @Test
  void the_words_for_data() {
    assertThat(data("a.jsonl").build().format()).isNull();
    assertThat(jsonl("a").build().format()).isEqualTo("jsonl");
    assertThat(csv("a").build().format()).isEqualTo("csv");
    assertThat(tsv("a").build().format()).isEqualTo("tsv");
    assertThat(imageFolder("a").build().format()).isEqualTo("imagefolder");
    assertThat(tsv("a").build().train()).isEqualTo("a");
  }

  @Test
  void the_words_for_training() {
    assertThat(job(t -> t.evaluateEvery(10).saveEvery(20)).training())
        .isEqualTo(
            TrainingSpec.builder().evaluate(Interval.steps(10)).save(Interval.steps(20)).build());
    assertThat(job(t -> t.optimizer("sgd").learningRate(0.1).weightDecay(0.2)).optimizer())
        .isEqualTo(OptimizerSpec.of("sgd", 0.1).withWeightDecay(0.2));
    assertThat(job(t -> t.schedule("cosine").warmupRatio(0.1)).schedule())
        .isEqualTo(ScheduleSpec.of("cosine").withWarmupRatio(0.1));
    assertThat(
            job(t -> t.epochs(2).maxSteps(9).batch(4).evalBatch(6).accumulate(3).maxGradNorm(0))
                .training())
        .isEqualTo(
            TrainingSpec.builder()
                .epochs(2)
                .maxSteps(9)
                .batch(4)
                .evalBatch(6)
                .accumulate(3)
                .maxGradNorm(0)
                .build());
    assertThat(
            job(t -> t.keepBest("accuracy").earlyStopping(2).saveTotalLimit(1).resume()).training())
        .isEqualTo(
            TrainingSpec.builder()
                .keepBest("accuracy")
                .earlyStopping(2, 0)
                .saveTotalLimit(1)
                .resume(true)
                .build());
  }

  @Test
  void the_words_for_targets() {
    assertThat(lora().targetsMatching(".*query").build().targetModules())
        .isEqualTo(Targets.regex(".*query"));
    assertThat(lora().allLinear().build().targetModules()).isEqualTo(Targets.allLinear());
  }

  @Test
  void the_words_for_the_model() {
    JobSpec job =
        finetune("bert")
            .bf16()
            .architecture("BertForMaskedLM")
            .task(maskedLm())
            .data(jsonl("a"))
            .spec();
    assertThat(job.model().path()).isEqualTo("bert");
    assertThat(job.model().precision()).isEqualTo(Precision.BF16);
    assertThat(job.model().architecture()).isEqualTo("BertForMaskedLM");
  }

  @Test
  void a_job_that_lacks_a_part_says_which_word_adds_it() {
    assertThatThrownBy(() -> finetune("bert").spec())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the job is not complete: add .task(");
    assertThatThrownBy(() -> finetune("bert").task(maskedLm()).spec())
        .hasMessageContaining("the job is not complete: add .data(");
    assertThatThrownBy(() -> finetune("").spec())
        .isInstanceOf(SpecException.class)
        .hasMessage("finetune: got none, expected a model folder");
  }

  private static JobSpec job(UnaryOperator<TrainingBuilder> training) {
    return finetune("bert")
        .task(maskedLm())
        .adapter(lora())
        .data(jsonl("a"))
        .train(training)
        .spec();
  }
}
