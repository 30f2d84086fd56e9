package com.example.gated;

import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.OwnParameters;
import dev.jlora.peft.Start;
import java.util.List;

/** The parameters of one module: a scale for each output, and the two factors of the gate. */
record GatedScaleTarget(TargetModule module, int rank) implements AdapterTarget {
  static final String SCALE = "gated_scale_s";
  static final String A = "gated_scale_A";
  static final String B = "gated_scale_B.weight";

  @Override
  public List<OwnParameter> parameters() {
    return List.of(
        new OwnParameter(SCALE, Start.ZEROS, 1, module.out()),
        new OwnParameter(A, Start.normal(1), 1, rank),
        new OwnParameter(B, Start.uniform(1 / Math.sqrt(rank)), module.out(), rank));
  }

  @Override
  public AdapterLayer layer(OwnParameters parameters) {
    return new GatedScaleLayer(module, parameters.get(SCALE), parameters.get(A), parameters.get(B));
  }
}
