package dev.jlora.engine.conformance;

import dev.jlora.host.Plugins;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.ParameterGroup;
import dev.jlora.spi.Schedule;
import java.util.List;

/** The settings of a training case: AdamW for all parameters, clipping, a schedule. */
record CaseRecipe(
    int steps,
    int accumulation,
    double learningRate,
    double maxGradientNorm,
    String schedule,
    int warmupSteps,
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
        OptimizerSpec.of("adamw", about.number("lr"))
            .withWeightDecay(about.number("weight_decay", 0))
            .withDecayOfBiasAndNorm(true)
            .withBetas(betas.get(0), betas.get(1)));
  }

  Schedule schedule(Plugins plugins) {
    return plugins.schedules().get(schedule).create(warmupSteps, steps);
  }

  Optimizer optimizer(Plugins plugins, List<ParameterGroup> parameters) {
    return plugins.optimizers().get(optimizer.name()).create(parameters, optimizer);
  }
}
