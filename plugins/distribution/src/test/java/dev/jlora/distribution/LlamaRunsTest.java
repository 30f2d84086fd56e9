package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.adapters.LoraMethod;
import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.Tape;
import dev.jlora.data.TextEncoder;
import dev.jlora.data.TextOptions;
import dev.jlora.engine.Engine;
import dev.jlora.engine.Merger;
import dev.jlora.engine.TextGenerator;
import dev.jlora.engine.generation.GenerationSettings;
import dev.jlora.engine.training.Run;
import dev.jlora.gpt.LlamaFamily;
import dev.jlora.host.Plugins;
import dev.jlora.io.Checkpoint;
import dev.jlora.io.Json;
import dev.jlora.io.ModelFolder;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.weights.CheckpointWeights;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.Precision;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Decoders of the Llama class from rows of text to an adapter, a merged model and its answers. */
class LlamaRunsTest {
  private static final String PEFT = "base_model.model.model.layers.%d.self_attn.%s.lora_%s.weight";

  @TempDir Path folder;
  private final Plugins plugins = Plugins.load();
  private final Engine engine = new Engine(plugins);

  @Test
  void a_text_is_learnt_merged_and_gone_on_with() {
    Run run = engine.train(language(TinyDecoder.llama(folder.resolve("base"))));

    List<Double> losses =
        run.history().stream().filter(e -> e.containsKey("loss")).map(e -> e.get("loss")).toList();
    assertThat(losses.getLast()).isLessThan(0.5 * losses.getFirst());
    try (SafetensorsFile file =
        SafetensorsFile.open(run.adapter().resolve("adapter_model.safetensors"))) {
      assertThat(file.entries().keySet())
          .hasSize(8)
          .contains(PEFT.formatted(0, "q_proj", "A"), PEFT.formatted(1, "v_proj", "B"));
    }
    assertThat(Json.readObject(run.adapter().resolve("adapter_config.json")).get("target_modules"))
        .extracting(node -> node.asText())
        .containsExactlyInAnyOrder("q_proj", "v_proj");
    Path merged =
        new Merger(plugins)
            .merge(engine.job(run.adapter()), run.adapter(), folder.resolve("merged"), false)
            .folder();
    String learnt = text(run.adapter());
    assertThat(precision(run.adapter(), null)).isEqualTo(DType.FLOAT32);
    assertThat(precision(run.adapter(), Precision.BF16)).isEqualTo(DType.BFLOAT16);
    assertThat(learnt).startsWith(" mat"); // a space that Llama's decoder drops in front of a text
    assertThat(text(merged)).isEqualTo(learnt);
  }

  private String text(Path model) {
    try (TextGenerator generator = TextGenerator.open(plugins, model)) {
      return generator.generate("the cat sat on a", GenerationSettings.greedy(8)).text();
    }
  }

  private JobSpec language(Path base) {
    String row = "{\"text\": \"the cat sat on a mat\"}\n";
    String rows = new TinyJob(folder).rows("rows.jsonl", row.repeat(16)).toString();
    return new JobSpec(
        ModelSpec.of(base.toString()),
        TaskSpec.of(TaskSpec.CAUSAL_LM),
        LoraSpec.builder().rank(8).alpha(16).build(),
        DataSpec.builder().train(rows).validation(rows).packing(false).build(),
        OptimizerSpec.of("adamw", 2e-2),
        ScheduleSpec.of("linear"),
        training(60).build());
  }

  private TrainingSpec.Builder training(int steps) {
    return TrainingSpec.builder()
        .batch(4)
        .accumulate(1)
        .maxSteps(steps)
        .loggingSteps(10)
        .evaluate(Interval.never())
        .save(Interval.never())
        .threads(1)
        .output(folder.resolve("out").toString());
  }

  @Test
  void texts_are_told_apart_and_padding_changes_nothing() {
    Path base = TinyDecoder.folder(folder.resolve("base"), LlamaFamily.qwen2(), "");
    JobSpec job =
        new JobSpec(
            ModelSpec.of(base.toString()),
            TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION),
            LoraSpec.builder().rank(4).alpha(16).build(),
            new TinyJob(folder).reviews(24),
            OptimizerSpec.of("adamw", 2e-2),
            ScheduleSpec.of("linear"),
            training(40).evaluate(Interval.steps(40)).build());
    Run run = engine.train(job);
    assertThat(run.evaluation().get("eval_accuracy")).isGreaterThan(0.9);
    assertThat(Json.readObject(run.adapter().resolve("adapter_config.json")).toString())
        .contains("\"score\"");
  }

  @Test
  void gradients_of_an_adapter_follow_from_those_of_the_weight_it_changes() {
    Path base = TinyDecoder.folder(folder.resolve("base"), LlamaFamily.mistral(), "");
    ModelFolder model = ModelFolder.open(base);
    Architecture architecture = LlamaFamily.mistral().declare(model.config(), "MistralForCausalLM");
    var spec = LoraSpec.builder().rank(2).alpha(6).build();
    try (var _ = Scope.open();
        Network network = network(architecture, base);
        Network merged = network(architecture, base)) {
      Adapter adapter = adapted(network, spec);
      adapted(merged, spec);
      merged.merge();
      merged.parameters().forEach(parameter -> parameter.trainable(true));
      try (Gradients ours = gradients(network);
          Gradients whole = gradients(merged)) {
        List<Parameter> pairs = adapter.parameters();
        assertThat(pairs).hasSize(8);
        for (int i = 0; i < pairs.size(); i += 2) {
          Parameter a = pairs.get(i);
          Parameter b = pairs.get(i + 1);
          String weight = a.name().replace(".lora_A.weight", ".weight");
          double[] dw = whole.of(merged.parameter(weight).value()).toDoubles();
          assertClose(ours.of(a.value()), product(b.value(), true, dw, a.value().size(1)));
          assertClose(ours.of(b.value()), product(a.value(), false, dw, a.value().size(1)));
        }
      }
    }
  }

  /**
   * scaling B^T dW of the gradient of A, or scaling dW A^T of that of B; dW has {@code in} columns.
   */
  private static double[] product(Tensor other, boolean forA, double[] dw, long in) {
    double scaling = 3;
    double[] m = other.toDoubles();
    int columns = (int) in;
    int rows = dw.length / columns;
    int rank = (int) (forA ? other.size(1) : other.size(0));
    double[] gradient = new double[rank * (forA ? columns : rows)];
    for (int o = 0; o < rows; o++) {
      for (int i = 0; i < columns; i++) {
        for (int r = 0; r < rank; r++) {
          int at = forA ? r * columns + i : o * rank + r;
          double factor = forA ? m[o * rank + r] : m[r * columns + i];
          gradient[at] += scaling * dw[o * columns + i] * factor;
        }
      }
    }
    return gradient;
  }

  private static void assertClose(Tensor actual, double[] expected) {
    double[] values = actual.toDoubles();
    assertThat(values).hasSize(expected.length);
    for (int i = 0; i < values.length; i++) {
      assertThat(values[i]).isCloseTo(expected[i], within(1e-5 + 1e-4 * Math.abs(expected[i])));
    }
  }

  /** An adapter whose B is not zero, the same one for every network. */
  private static Adapter adapted(Network network, LoraSpec spec) {
    var context =
        new AdapterContext("CAUSAL_LM", LlamaFamily.mistral().defaultTargets(), 3, "base");
    Adapter adapter =
        network.adapt(new LoraMethod().plan(network.plan(), spec, context).create(network));
    float at = 0.3f;
    for (Parameter parameter : adapter.parameters()) {
      if (parameter.name().contains("lora_B")) {
        float[] values = new float[(int) parameter.elements()];
        for (int i = 0; i < values.length; i++) {
          at = (at * 7.13f + 0.37f) % 1;
          values[i] = (at - 0.5f) * 0.4f;
        }
        parameter.value().copyFrom(Tensor.of(values, parameter.value().shape()));
      }
    }
    return adapter;
  }

  private static Gradients gradients(Network network) {
    try (Tape tape = Tape.recording()) {
      Tensor ids = Tensor.of(new long[] {1, 259, 262, 270, 280, 265, 281}, 1, 7);
      Tensor logits =
          network.forward(Map.of("input_ids", ids), ForwardContext.recording(tape)).logits();
      Tensor guesses = Functions.reshape(tape, Functions.slice(tape, logits, 1, 0, 6), 6, 288);
      Tensor next = Tensor.of(new long[] {259, 262, 270, 280, 265, 281}, 6);
      return tape.backward(Functions.crossEntropy(tape, guesses, next, Functions.IGNORE_INDEX, 0));
    }
  }

  private static Network network(Architecture architecture, Path base) {
    var weights = CheckpointWeights.match(architecture, Checkpoint.open(base), false, 0);
    return Network.of(architecture, weights, DType.FLOAT32);
  }

  @Test
  void the_settings_for_generation_say_what_ends_a_text() {
    Path base = TinyDecoder.llama(folder.resolve("base"));
    int first;
    try (TextGenerator free = TextGenerator.open(plugins, base)) {
      assertThat(free.generate("a", GenerationSettings.greedy(3)).tokens()).isEqualTo(3);
      first = firstToken(base);
    }
    Json.write(base.resolve("generation_config.json"), Map.of("eos_token_id", List.of(2, first)));
    try (TextGenerator ended = TextGenerator.open(plugins, base)) {
      assertThat(ended.generate("a", GenerationSettings.greedy(3)).tokens()).isZero();
    }
  }

  @Test
  void a_model_is_gone_on_with_in_the_precision_of_its_weights() {
    for (DType stored : List.of(DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16)) {
      Path base = TinyDecoder.llama(folder.resolve(stored.name()), stored);
      DType used = stored == DType.FLOAT16 ? DType.FLOAT32 : stored;
      assertThat(precision(base, null)).isEqualTo(used);
      assertThat(precision(base, Precision.BF16)).isEqualTo(DType.BFLOAT16);
      assertThat(precision(base, Precision.FP32)).isEqualTo(DType.FLOAT32);
    }
  }

  /** What a model goes on in, which it does. */
  private DType precision(Path model, @Nullable Precision wanted) {
    try (TextGenerator generator = TextGenerator.open(plugins, model, "cpu", wanted)) {
      assertThat(generator.generate("a", GenerationSettings.greedy(3)).tokens()).isEqualTo(3);
      return generator.dtype();
    }
  }

  /** The likeliest token behind "a". */
  private static int firstToken(Path base) {
    ModelFolder model = ModelFolder.open(base);
    try (var _ = Scope.open();
        Network network =
            network(LlamaFamily.llama().declare(model.config(), "LlamaForCausalLM"), base)) {
      Tensor ids = Tensor.of(new long[] {1, 259, 260}, 1, 3);
      float[] logits =
          network.forward(Map.of("input_ids", ids), ForwardContext.inference()).logits().toFloats();
      return IntStream.range(0, 288)
          .boxed()
          .max(Comparator.comparingDouble(id -> logits[2 * 288 + id]))
          .orElseThrow();
    }
  }

  @Test
  void the_tokenizer_puts_its_opening_in_front_and_spells_the_rest_in_bytes() {
    ModelFolder model = ModelFolder.open(TinyDecoder.llama(folder.resolve("base")));
    try (TextEncoder text = TextEncoder.open(model, TextOptions.DEFAULT)) {
      assertThat(text.opening()).containsExactly(1);
      assertThat(text.endId()).hasValue(2);
      int[] ids = text.tokens(List.of("a \u00e9"), true).getFirst();
      assertThat(ids).containsExactly(1, 259, 260, 259, 3 + 0xc3, 3 + 0xa9);
      assertThat(text.decode(ids)).isEqualTo("a \u00e9");
    }
  }
}
