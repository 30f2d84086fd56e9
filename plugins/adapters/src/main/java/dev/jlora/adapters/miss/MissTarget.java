package dev.jlora.adapters.miss;

import dev.jlora.model.ModelException;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.OwnParameters;
import dev.jlora.peft.Start;
import java.util.List;

/**
 * A module with a block of MiSS: [rank, out], or [rank, mini_r] with {@code mini}, or [out / rank,
 * rank, rank] with {@code bat}.
 *
 * @param dropout on the inputs, in training; not with {@code bat}
 */
record MissTarget(TargetModule module, int rank, int miniR, double dropout, MissInit init)
    implements AdapterTarget {
  static final String BLOCK = "miss_block";

  /**
   * @throws ModelException if the block does not fit the module's sizes
   */
  static MissTarget of(TargetModule module, MissSpec spec) {
    int rank = spec.rank();
    if (spec.initWeights() == MissInit.BAT
        && (module.in() % rank != 0 || module.out() % rank != 0)) {
      throw new ModelException(
          "rank: got %d with init_weights bat, expected a divisor of the sizes of %s: %d and %d"
              .formatted(rank, module.path(), module.in(), module.out()));
    }
    if (spec.initWeights() == MissInit.MINI && module.out() % spec.miniR() != 0) {
      throw new ModelException(
          "mini_r: got %d, expected a divisor of the %d outputs of %s"
              .formatted(spec.miniR(), module.out(), module.path()));
    }
    return new MissTarget(module, rank, spec.miniR(), spec.dropout(), spec.initWeights());
  }

  @Override
  public List<OwnParameter> parameters() {
    return List.of(
        switch (init) {
          case BALANCE -> new OwnParameter(BLOCK, Start.ZEROS, rank, module.out());
          case RANDOM ->
              new OwnParameter(
                  BLOCK, Start.uniform(1 / Math.sqrt(module.out())), rank, module.out());
          case MINI -> new OwnParameter(BLOCK, Start.ZEROS, rank, miniR);
          case BAT -> new OwnParameter(BLOCK, Start.ZEROS, module.out() / rank, rank, rank);
        });
  }

  @Override
  public AdapterLayer layer(OwnParameters parameters) {
    return init == MissInit.BAT
        ? new BatLayer(this, 1, parameters.get(BLOCK))
        : new MissLayer(this, 1, parameters.get(BLOCK));
  }
}
