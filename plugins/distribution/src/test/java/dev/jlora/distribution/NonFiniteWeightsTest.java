package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.engine.Engine;
import dev.jlora.engine.Merger;
import dev.jlora.engine.Predictor;
import dev.jlora.engine.TextGenerator;
import dev.jlora.engine.steps.NonFiniteLossException;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.spec.JobSpec;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights that hold NaN or infinite values are refused by name, whatever is done with them. */
class NonFiniteWeightsTest {
  private static final String QUERY = "bert.encoder.layer.1.attention.self.query.weight";

  @TempDir Path folder;
  private final Plugins plugins = Plugins.load();
  private final Engine engine = new Engine(plugins);
  private long live;

  @BeforeEach
  void count() {
    live = Tensor.live();
  }

  @AfterEach
  void nothing_leaks() {
    assertThat(Tensor.live()).isEqualTo(live);
  }

  @Test
  void a_base_with_a_nan_is_refused_by_predict_eval_merge_and_training() throws IOException {
    Run run = engine.train(new TinyJob(folder).job("out", t -> t.maxSteps(1)));
    JobSpec job = engine.job(run.adapter());
    damage(folder.resolve("base/model.safetensors"), QUERY, Float.NaN);
    String expected = "model.safetensors: tensor '" + QUERY + "' holds NaN, expected only finite";

    assertThatThrownBy(() -> Predictor.open(plugins, job, run.adapter()))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(expected)
        .hasMessageContaining("Fetch the file again");
    assertThatThrownBy(() -> engine.evaluate(job, run.adapter())).hasMessageContaining(expected);
    assertThatThrownBy(
            () -> new Merger(plugins).merge(job, run.adapter(), folder.resolve("merged"), false))
        .hasMessageContaining(expected);
    assertThatThrownBy(() -> engine.train(new TinyJob(folder).job("again", t -> t.maxSteps(1))))
        .hasMessageContaining(expected);
    assertThat(folder.resolve("merged/model.safetensors")).doesNotExist();
  }

  @Test
  void a_language_model_with_an_infinite_weight_does_not_generate() throws IOException {
    Path model = TinyGpt.folder(folder.resolve("gpt"));
    damage(model.resolve("model.safetensors"), "transformer.ln_f.weight", Float.NEGATIVE_INFINITY);
    assertThatThrownBy(() -> TextGenerator.open(plugins, model))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("tensor 'transformer.ln_f.weight' holds infinite values");
  }

  @Test
  void an_adapter_with_a_nan_is_refused_and_so_is_a_checkpoint_to_resume_from() throws IOException {
    Run run = engine.train(new TinyJob(folder).job("out", t -> t.maxSteps(4)));
    JobSpec job = engine.job(run.adapter());
    String name = "base_model.model." + QUERY.replace(".weight", ".lora_B.weight");
    damage(run.adapter().resolve("adapter_model.safetensors"), name, Float.NaN);
    assertThatThrownBy(() -> Predictor.open(plugins, job, run.adapter()))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("adapter_model.safetensors: tensor '" + name + "' holds NaN");

    damage(run.adapter().resolve("checkpoint-4/adapter_model.safetensors"), name, Float.NaN);
    assertThatThrownBy(
            () -> engine.train(new TinyJob(folder).job("out", t -> t.maxSteps(6).resume(true))))
        .isInstanceOf(NonFiniteLossException.class)
        .hasMessageContaining("lora_B")
        .hasMessageContaining("checkpoint-4 holds it; resume from an older checkpoint");
  }

  /** Writes a value over the first of an F32 tensor. */
  private static void damage(Path file, String tensor, float value) throws IOException {
    long offset;
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      offset = opened.entry(tensor).offset();
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(
          ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, value), offset);
    }
  }
}
