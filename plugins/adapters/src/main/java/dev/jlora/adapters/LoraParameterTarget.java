package dev.jlora.adapters;

import dev.jlora.model.ModelException;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.OwnParameters;
import dev.jlora.peft.Start;
import dev.jlora.spec.LoraInit;
import java.util.List;

/**
 * A weight stored [in, out] that is adapted as a parameter: W + scaling * B A in the layout of W,
 * with A [rank, out] and B [in, rank], whatever the module computes with it.
 *
 * @param pair the adapter that the module itself would get
 */
record LoraParameterTarget(LoraTarget pair) implements AdapterTarget {

  LoraParameterTarget {
    LoraInit init = pair.start().init();
    if (!init.equals(LoraInit.DEFAULT)
        && !init.equals(LoraInit.RANDOM)
        && !init.equals(LoraInit.GAUSSIAN)) {
      throw new ModelException(
          "target_parameters: %s cannot start with init_lora_weights '%s', expected true"
              .formatted(pair.path(), init.json()));
    }
  }

  @Override
  public TargetModule module() {
    return pair.module();
  }

  @Override
  public List<OwnParameter> parameters() {
    int rank = pair.rank();
    LoraInit init = pair.start().init();
    Start startOfA =
        init.equals(LoraInit.GAUSSIAN)
            ? Start.normal(1.0 / rank)
            : Start.uniform(1 / Math.sqrt(module().out()));
    Start startOfB =
        init.equals(LoraInit.RANDOM) ? Start.uniform(1 / Math.sqrt(rank)) : Start.ZEROS;
    return List.of(
        new OwnParameter(LoraTarget.A, startOfA, rank, module().out()),
        new OwnParameter(LoraTarget.B, startOfB, module().in(), rank));
  }

  @Override
  public AdapterLayer layer(OwnParameters parameters) {
    return new LoraParameterLayer(
        pair.scaling(), parameters.get(LoraTarget.A), parameters.get(LoraTarget.B));
  }
}
