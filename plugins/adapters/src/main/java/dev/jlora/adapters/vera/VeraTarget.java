package dev.jlora.adapters.vera;

import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.OwnParameters;
import dev.jlora.peft.Start;
import java.util.List;

/** A module that gets the vectors lambda_b [out] and lambda_d [rank]. */
record VeraTarget(TargetModule module, VeraSpec spec) implements AdapterTarget {
  static final String LAMBDA_B = "vera_lambda_b";
  static final String LAMBDA_D = "vera_lambda_d";

  @Override
  public List<OwnParameter> parameters() {
    boolean neutral = spec.initWeights();
    return List.of(
        new OwnParameter(LAMBDA_B, Start.constant(neutral ? 0 : 1), module.out()),
        new OwnParameter(
            LAMBDA_D, neutral ? Start.constant(spec.dInitial()) : Start.normal(1), spec.rank()));
  }

  @Override
  public AdapterLayer layer(OwnParameters parameters) {
    return new VeraLayer(
        module,
        spec.dropout(),
        1,
        parameters.get(LAMBDA_B),
        parameters.get(LAMBDA_D),
        parameters.shared(VeraTargets.A),
        parameters.shared(VeraTargets.B));
  }
}
