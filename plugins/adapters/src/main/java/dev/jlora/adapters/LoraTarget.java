package dev.jlora.adapters;

import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.OwnParameters;
import dev.jlora.peft.Start;
import dev.jlora.spec.LoraInit;
import java.util.List;

/**
 * A module that gets a LoRA pair: A [rank, in] and B [out, rank], or for a convolution A [rank, in,
 * kernel, kernel] and B [out, rank, 1, 1].
 *
 * @param scaling the factor on B A x
 * @param dropout on the input of A, in training
 */
record LoraTarget(
    TargetModule module, int rank, double alpha, double scaling, double dropout, LoraInit init)
    implements AdapterTarget {
  static final String A = "lora_A.weight";
  static final String B = "lora_B.weight";

  @Override
  public List<OwnParameter> parameters() {
    return convolution()
        ? List.of(
            new OwnParameter(A, startOfA(), rank, module.in(), module.kernel(), module.kernel()),
            new OwnParameter(B, startOfB(), module.out(), rank, 1, 1))
        : List.of(
            new OwnParameter(A, startOfA(), rank, module.in()),
            new OwnParameter(B, startOfB(), module.out(), rank));
  }

  /** Kaiming uniform with a = sqrt(5), which is uniform within 1/sqrt(fan-in); or normal. */
  private Start startOfA() {
    return init == LoraInit.GAUSSIAN
        ? random -> () -> random.nextGaussian() / rank
        : Start.uniform(1 / Math.sqrt(module.fanIn()));
  }

  /** Zeros, so that the model is unchanged at first; random only on request. */
  private Start startOfB() {
    return init == LoraInit.RANDOM ? Start.uniform(1 / Math.sqrt(rank)) : Start.ZEROS;
  }

  @Override
  public AdapterLayer layer(OwnParameters parameters) {
    return new LoraLayer(this, dropout, scaling, parameters.get(A), parameters.get(B));
  }

  private boolean convolution() {
    return module.kind() == TargetModule.Kind.CONVOLUTION;
  }
}
