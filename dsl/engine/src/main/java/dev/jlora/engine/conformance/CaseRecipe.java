package dev.jlora.engine.conformance;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spi.Schedule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The settings of a training case: an optimizer that decays all parameters, clipping, a schedule.
 *
 * @param learningRates expected for each step: one, or one per group of the optimizer
 */
record CaseRecipe(
    int steps,
    int accumulation,
    double learningRate,
    double maxGradientNorm,
    String schedule,
    int warmupSteps,
    List<List<Double>> learningRates,
    OptimizerSpec optimizer) {

  static CaseRecipe of(ReferenceCase reference) {
    ModelConfig about = reference.about();
    List<Double> betas = reference.numbers("betas");
    return new CaseRecipe(
        about.integer("steps"),
        about.integer("gradient_accumulation_steps", 1),
        about.number("lr"),
        about.number("max_grad_norm", 0),
        about.text("lr_scheduler", "constant"),
        about.integer("warmup_steps", 0),
        learningRates(about),
        optimizer(about, about.text("optimizer", "adamw"))
            .withBetas(betas.get(0), betas.get(1))
            .withParameters(arguments(about)));
  }

  /**
   * The optimizer's common settings. Those that PEFT's optimizers take apart, such as {@code
   * loraplus_weight_decay}, are in the case's {@code optimizer_arguments}; {@code eps} is AdamW's.
   */
  private static OptimizerSpec optimizer(ModelConfig about, String name) {
    OptimizerSpec spec = OptimizerSpec.of(name, about.number("lr"));
    OptimizerSpec decaying =
        spec.withWeightDecay(about.number("weight_decay", 0)).withDecayOfBiasAndNorm(true);
    return switch (name) {
      case "loraplus" -> spec;
      case "lorafa" -> decaying;
      default -> decaying.withEpsilon(about.number("eps", spec.epsilon()));
    };
  }

  private static List<List<Double>> learningRates(ModelConfig about) {
    List<List<Double>> rates = new ArrayList<>();
    for (JsonNode step : about.json().path("learning_rates")) {
      List<Double> groups = new ArrayList<>();
      if (step.isArray()) {
        step.forEach(rate -> groups.add(rate.doubleValue()));
      } else {
        groups.add(step.doubleValue());
      }
      rates.add(groups);
    }
    return rates;
  }

  private static Map<String, ?> arguments(ModelConfig about) {
    JsonNode given = about.json().path("optimizer_arguments");
    return given.isObject()
        ? Json.mapper().convertValue(given, new TypeReference<Map<String, Object>>() {})
        : Map.of();
  }

  Schedule schedule(Plugins plugins) {
    return plugins.schedules().get(schedule).create(warmupSteps, steps);
  }
}
