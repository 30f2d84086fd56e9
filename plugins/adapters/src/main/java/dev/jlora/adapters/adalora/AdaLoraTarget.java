package dev.jlora.adapters.adalora;

import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.OwnParameters;
import dev.jlora.peft.Start;
import java.util.List;

/**
 * A module with the three parts of AdaLoRA's update: A [rank, inputs], B [out, rank] and E [rank,
 * 1]; for a convolution, the inputs are the elements of a window. PEFT counts its {@code ranknum},
 * which is not saved, too.
 *
 * @param kept whether each of the initial ranks is left
 */
record AdaLoraTarget(TargetModule module, List<Boolean> kept, AdaLoraSpec spec)
    implements AdapterTarget {
  static final String A = "lora_A";
  static final String B = "lora_B";
  static final String E = "lora_E";
  private static final String COUNT = "ranknum";
  private static final double STD = 0.02;

  long rank() {
    return kept.stream().filter(it -> it).count();
  }

  @Override
  public List<OwnParameter> parameters() {
    boolean zero = spec.initLoraWeights();
    Start normal = Start.normal(zero ? STD : 1);
    return List.of(
        new OwnParameter(A, normal, rank(), module.fanIn()),
        new OwnParameter(B, normal, module.out(), rank()),
        new OwnParameter(E, zero ? Start.ZEROS : normal, rank(), 1),
        new OwnParameter(COUNT, Start.constant(spec.initR()), 1).frozen());
  }

  @Override
  public AdapterLayer layer(OwnParameters parameters) {
    return new AdaLoraLayer(
        this,
        spec.scaling(),
        parameters.get(A),
        parameters.get(B),
        parameters.get(E),
        parameters.get(COUNT));
  }
}
