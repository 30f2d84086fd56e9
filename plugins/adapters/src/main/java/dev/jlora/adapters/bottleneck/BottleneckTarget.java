package dev.jlora.adapters.bottleneck;

import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.OwnParameters;
import dev.jlora.peft.Start;
import java.util.List;

/**
 * A module with a bottleneck of a width w: adapter_down [w, out], or [w, in] for a parallel one,
 * and adapter_up [out, w], each with a bias.
 */
record BottleneckTarget(TargetModule module, BottleneckSpec spec) implements AdapterTarget {
  static final String DOWN = "adapter_down.weight";
  static final String DOWN_BIAS = "adapter_down.bias";
  static final String UP = "adapter_up.weight";
  static final String UP_BIAS = "adapter_up.bias";

  private static final double BERT_STD = 0.02;

  /** The width of the bottleneck, 1 or more. */
  long width() {
    return Math.max(1, (long) (module.out() / spec.reductionFactor()));
  }

  private long read() {
    return spec.isParallel() ? module.in() : module.out();
  }

  @Override
  public List<OwnParameter> parameters() {
    boolean bert = spec.initWeights() == BottleneckInit.BERT;
    Start down = bert ? Start.normal(BERT_STD) : Start.uniform(1 / Math.sqrt(read()));
    Start up = bert ? Start.normal(BERT_STD) : Start.ZEROS;
    return List.of(
        new OwnParameter(DOWN, down, width(), read()),
        new OwnParameter(DOWN_BIAS, Start.ZEROS, width()),
        new OwnParameter(UP, up, module.out(), width()),
        new OwnParameter(UP_BIAS, Start.ZEROS, module.out()));
  }

  @Override
  public AdapterLayer layer(OwnParameters own) {
    return new BottleneckLayer(
        spec, spec.scaling(), own.get(DOWN), own.get(DOWN_BIAS), own.get(UP), own.get(UP_BIAS));
  }
}
