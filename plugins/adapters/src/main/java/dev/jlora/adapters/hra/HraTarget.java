package dev.jlora.adapters.hra;

import dev.jlora.model.ModelException;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.OwnParameters;
import dev.jlora.peft.Start;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * A module whose inputs HRA reflects, with the vectors u of the reflections as columns of [inputs,
 * rank]; for a convolution, the inputs are the elements of a window.
 *
 * @param orthogonal whether the vectors are made orthogonal
 * @param pairs whether they start as pairs of equal vectors, whose reflections cancel out
 */
record HraTarget(TargetModule module, int rank, boolean orthogonal, boolean pairs)
    implements AdapterTarget {
  static final String U = "hra_u";

  /**
   * @throws ModelException if the module has fewer inputs than orthogonal vectors
   */
  static HraTarget of(TargetModule module, HraSpec spec) {
    if (spec.applyGs() && spec.rank() > module.fanIn()) {
      throw new ModelException(
          "rank: got %d with apply_gs, expected at most the %d inputs of %s"
              .formatted(spec.rank(), module.fanIn(), module.path()));
    }
    boolean pairs = spec.initWeights() && spec.rank() % 2 == 0 && !spec.applyGs();
    return new HraTarget(module, spec.rank(), spec.applyGs(), pairs);
  }

  @Override
  public List<OwnParameter> parameters() {
    return List.of(new OwnParameter(U, start(), module.fanIn(), rank));
  }

  /** Kaiming uniform with a = sqrt(5) over the number of different vectors. */
  private Start start() {
    Start uniform = Start.uniform(1 / Math.sqrt(pairs ? rank / 2 : rank));
    return pairs ? random -> new Twice(uniform.values(random)) : uniform;
  }

  /** Every value twice: equal vectors are neighbours in a row. */
  private static final class Twice implements DoubleSupplier {
    private final DoubleSupplier values;
    private double value;
    private boolean again;

    Twice(DoubleSupplier values) {
      this.values = values;
    }

    @Override
    public double getAsDouble() {
      if (!again) {
        value = values.getAsDouble();
      }
      again = !again;
      return value;
    }
  }

  @Override
  public AdapterLayer layer(OwnParameters parameters) {
    return new HraLayer(this, parameters.get(U));
  }
}
