package dev.jlora.distribution;

import static dev.jlora.Jlora.finetune;
import static dev.jlora.Jlora.jsonl;
import static dev.jlora.Jlora.lora;
import static dev.jlora.Jlora.sequenceClassification;

import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.spi.ModelFamily;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A program of a user of the Twin plugin: random weights, and LoRA on them. */
final class TwinRun {
  private TwinRun() {}

  /** Arguments: a folder with the model's configuration and tokenizer, rows, the output. */
  public static void main(String[] arguments) {
    Path model = Path.of(arguments[0]);
    writeWeights(model);
    Run run =
        finetune(model)
            .task(sequenceClassification())
            .adapter(lora().rank(4).alpha(16).targets("query", "value", "gate"))
            .data(jsonl(arguments[1]).validation(arguments[1]))
            .train(t -> t.maxSteps(60).batch(8).learningRate(1e-2).threads(1).output(arguments[2]))
            .run();
    System.out.println("steps " + run.steps());
    System.out.println("accuracy " + run.evaluation().get("eval_accuracy"));
  }

  private static void writeWeights(Path model) {
    ModelConfig config = ModelConfig.read(model.resolve("config.json"));
    ModelFamily family = Plugins.load().families().get(config.modelType());
    var architecture = family.declare(config, family.architectures().getFirst());
    var weights = new RandomWeights(1);
    try (var _ = Scope.open()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      ModelPlan.of(architecture)
          .parameters()
          .forEach((name, parameter) -> tensors.put(name, weights.read(parameter)));
      SafetensorsWriter.write(model.resolve("model.safetensors"), tensors);
    }
  }
}
