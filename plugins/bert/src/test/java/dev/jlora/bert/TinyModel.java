package dev.jlora.bert;

import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.network.Network;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.ops.Ops;
import dev.jlora.spi.ModelFamily;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A model of a family in miniature: its declaration, and weights of some size for all of it. */
record TinyModel(Architecture architecture, Map<String, double[]> weights) {

  static TinyModel of(ModelFamily family, String architecture, String config) {
    ModelConfig read = ModelConfig.of("config.json", Json.object(config, "config.json"));
    Architecture declared = family.declare(read, architecture);
    Map<String, double[]> weights = new LinkedHashMap<>();
    var random = new SplittableRandom(5);
    for (ParameterSpec spec : ModelPlan.of(declared).parameters().values()) {
      double[] values = new double[(int) spec.elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = 0.4 * random.nextGaussian();
      }
      weights.put(spec.name(), values);
    }
    return new TinyModel(declared, weights);
  }

  /** The model of the library, in double precision. */
  Network network() {
    return Network.of(architecture, TinyModel.this::tensor, DType.FLOAT64);
  }

  private Tensor tensor(ParameterSpec spec) {
    return Tensor.of(weights.get(spec.name()), spec.sizes());
  }

  /** The weights as tensors of FLOAT32: what a checkpoint of the model holds. */
  Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (ParameterSpec spec : ModelPlan.of(architecture).parameters().values()) {
      state.put(spec.name(), Ops.to(tensor(spec), DType.FLOAT32));
    }
    return state;
  }

  /** Names and shapes of all parameters, as {@code name [rows, columns]}. */
  List<String> declaration() {
    return ModelPlan.of(architecture).parameters().values().stream()
        .map(spec -> spec.name() + " " + spec.shape())
        .toList();
  }
}
