package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.adapters.LoraMethod;
import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.Tape;
import dev.jlora.bert.BertFamily;
import dev.jlora.io.Checkpoint;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.model.weights.CheckpointWeights;
import dev.jlora.ops.Ops;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** LoRA on BERT is PEFT's: its files, counts, gradients, logits and merged weights. */
class LoraGoldenTest {
  private static final Path CARRIED = Path.of("src/test/resources/goldens");
  private static final Path ALL = Path.of("../../../shared/goldens/cases");
  private static final List<String> PLAIN =
      List.of("lora-bert", "bias-", "patterns-", "layers-", "regex-", "rslora-");

  @TempDir Path saved;

  static List<Path> cases() throws IOException {
    try (Stream<Path> folders = Files.list(Files.isDirectory(ALL) ? ALL : CARRIED)) {
      return folders
          .filter(f -> PLAIN.stream().anyMatch(f.getFileName().toString()::startsWith))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void counts_logits_and_merged_weights_are_pefts(Path folder) {
    JsonNode facts = Json.readObject(folder.resolve("case.json"));
    try (var _ = Scope.open();
        Network network = network(folder, facts)) {
      Map<String, Tensor> expected = tensors(folder.resolve("expected.safetensors"));
      AdapterPlan plan = new LoraMethod().saved(network.plan(), folder.resolve("adapter_init"));
      Adapter adapter = network.adapt(plan.read(network, folder.resolve("adapter_init")));
      assertThat(plan.summary().trainable()).isEqualTo(facts.get("trainable_parameters").asLong());
      assertThat(plan.summary().all()).isEqualTo(facts.get("all_parameters").asLong());
      assertThat(adapter.parameters().stream().mapToLong(Parameter::elements).sum())
          .isEqualTo(plan.summary().trainable());
      assertClose("logits_init", logits(network, folder), expected.get("logits_init"), 2e-5);
      adapter.restore(folder.resolve("adapter_final"));
      Tensor adapted = logits(network, folder);
      assertClose("logits_final", adapted, expected.get("logits_final"), 2e-5);
      network.merge();
      assertClose("logits_merged", logits(network, folder), adapted, 1e-5);
      network
          .state()
          .forEach((name, value) -> assertClose(name, value, expected.get("merged." + name), 1e-5));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void what_peft_saved_is_saved_again_bit_for_bit(Path folder) {
    JsonNode facts = Json.readObject(folder.resolve("case.json"));
    try (var _ = Scope.open();
        Network network = network(folder, facts)) {
      load(network, folder.resolve("adapter_final")).save(saved);
      Map<String, Tensor> theirs =
          tensors(folder.resolve("adapter_final/adapter_model.safetensors"));
      Map<String, Tensor> ours = tensors(saved.resolve("adapter_model.safetensors"));
      assertThat(ours).containsOnlyKeys(theirs.keySet());
      ours.forEach(
          (key, value) ->
              assertThat(value.toFloats()).as(key).containsExactly(theirs.get(key).toFloats()));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void first_gradients_are_pefts(Path folder) {
    JsonNode facts = Json.readObject(folder.resolve("case.json"));
    int microBatches = facts.get("gradient_accumulation_steps").asInt();
    try (var _ = Scope.open();
        Network network = network(folder, facts)) {
      Adapter adapter = load(network, folder.resolve("adapter_init"));
      Map<String, float[]> sums = new LinkedHashMap<>();
      for (int i = 0; i < microBatches; i++) {
        addGradients(network, adapter, batch(folder, i), microBatches, sums);
      }
      clip(sums, facts);
      Map<String, Tensor> expected = tensors(folder.resolve("expected.safetensors"));
      long compared =
          expected.keySet().stream()
              .filter(name -> name.startsWith("grad0."))
              .peek(
                  name ->
                      assertClose(name, sums.get(ours(name)), expected.get(name).toFloats(), 2e-5))
              .count();
      assertThat(compared).isEqualTo(sums.size());
    }
  }

  /** The recorded gradients are those after clipping by the global norm, as PyTorch clips. */
  private static void clip(Map<String, float[]> gradients, JsonNode facts) {
    double squares = 0;
    for (float[] gradient : gradients.values()) {
      for (float g : gradient) {
        squares += (double) g * g;
      }
    }
    double norm = Math.sqrt(squares);
    assertThat(norm).isCloseTo(facts.get("grad_norms").get(0).asDouble(), within(2e-5));
    double factor = Math.min(1, facts.get("max_grad_norm").asDouble() / (norm + 1e-6));
    gradients
        .values()
        .forEach(
            gradient -> {
              for (int i = 0; i < gradient.length; i++) {
                gradient[i] *= (float) factor;
              }
            });
  }

  @Test
  void bert_base_has_pefts_counts_before_a_weight_is_read() {
    ModelConfig base = ModelConfig.of("config.json", Json.object("{}", "config.json"));
    ModelPlan model = ModelPlan.of(new BertFamily().declare(base, "BertForSequenceClassification"));
    LoraSpec spec = LoraSpec.builder().targets("query", "key", "value", "dense").build();
    AdapterContext context = new AdapterContext("SEQ_CLS", List.of(), 0, "bert-base-uncased");
    assertThat(new LoraMethod().plan(model, spec, context).summary().counts())
        .isEqualTo("trainable params: 1,340,930 || all params: 110,824,708 || trainable%: 1.2100");
  }

  private static Adapter load(Network network, Path folder) {
    return network.adapt(new LoraMethod().saved(network.plan(), folder).read(network, folder));
  }

  private static void addGradients(
      Network network,
      Adapter adapter,
      Map<String, Tensor> batch,
      int microBatches,
      Map<String, float[]> sums) {
    try (Tape tape = Tape.recording()) {
      Tensor logits = network.forward(batch, ForwardContext.recording(tape)).logits();
      Tensor rows = Functions.reshape(tape, logits, -1, logits.size(-1));
      Tensor labels = Views.reshape(batch.get("labels"), -1);
      Tensor loss = Functions.crossEntropy(tape, rows, labels, Functions.IGNORE_INDEX, 0);
      try (Gradients gradients = tape.backward(loss)) {
        for (Parameter parameter : adapter.parameters()) {
          float[] gradient = gradients.of(parameter.value()).toFloats();
          float[] sum = sums.computeIfAbsent(parameter.name(), _ -> new float[gradient.length]);
          for (int i = 0; i < sum.length; i++) {
            sum[i] += gradient[i] / microBatches;
          }
        }
      }
    }
  }

  /** PEFT's name of a parameter in memory, as ours. */
  private static String ours(String gradient) {
    return gradient
        .replace("grad0.base_model.model.", "")
        .replace(".modules_to_save.default", "")
        .replace(".base_layer", "")
        .replace(".default", "");
  }

  private static Network network(Path folder, JsonNode facts) {
    ModelConfig config = ModelConfig.read(folder.resolve("base/config.json"));
    Architecture architecture =
        new BertFamily().declare(config, facts.get("architecture").asText());
    Checkpoint checkpoint = Checkpoint.open(folder.resolve("base"));
    return Network.of(
        architecture, CheckpointWeights.match(architecture, checkpoint, false, 0), DType.FLOAT32);
  }

  private static Tensor logits(Network network, Path folder) {
    return network.forward(batch(folder, 0), ForwardContext.inference()).logits();
  }

  private static Map<String, Tensor> batch(Path folder, int index) {
    String prefix = "step" + index + ".";
    Map<String, Tensor> batch = new LinkedHashMap<>();
    tensors(folder.resolve("inputs.safetensors"))
        .forEach(
            (name, tensor) -> {
              if (name.startsWith(prefix)) {
                batch.put(name.substring(prefix.length()), tensor);
              }
            });
    return batch;
  }

  private static Map<String, Tensor> tensors(Path path) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      file.entries().keySet().forEach(name -> tensors.put(name, Ops.clone(file.tensor(name))));
    }
    return tensors;
  }

  private static void assertClose(String name, Tensor actual, Tensor expected, double tolerance) {
    assertThat(actual.shape()).as(name).containsExactly(expected.shape());
    assertClose(name, actual.toFloats(), expected.toFloats(), tolerance);
  }

  private static void assertClose(String name, float[] actual, float[] expected, double tolerance) {
    assertThat(actual).as(name).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i])
          .as("%s[%d]", name, i)
          .isCloseTo(expected[i], within(tolerance));
    }
  }
}
