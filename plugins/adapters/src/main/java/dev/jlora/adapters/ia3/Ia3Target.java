package dev.jlora.adapters.ia3;

import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.OwnParameters;
import dev.jlora.peft.Start;
import java.util.List;

/**
 * A module whose output, or input, IA3 scales. The factors are [out, 1], or [1, in] for a
 * feedforward module; for a convolution [1, out, 1, 1] or [1, in, 1, 1].
 *
 * @param feedforward whether the input is scaled
 * @param ones whether the factors start at 1 instead of random values
 */
record Ia3Target(TargetModule module, boolean feedforward, boolean ones) implements AdapterTarget {
  static final String SCALE = "ia3_l";

  boolean convolution() {
    return module.kind() == TargetModule.Kind.CONVOLUTION;
  }

  @Override
  public List<OwnParameter> parameters() {
    Start start = ones ? Start.constant(1) : Start.normal(1);
    long features = feedforward ? module.in() : module.out();
    if (convolution()) {
      return List.of(new OwnParameter(SCALE, start, 1, features, 1, 1));
    }
    return List.of(
        feedforward
            ? new OwnParameter(SCALE, start, 1, features)
            : new OwnParameter(SCALE, start, features, 1));
  }

  @Override
  public AdapterLayer layer(OwnParameters parameters) {
    return new Ia3Layer(this, parameters.get(SCALE));
  }
}
