package dev.jlora.adapters.oft;

import dev.jlora.model.ModelException;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.OwnParameters;
import dev.jlora.peft.Start;
import java.util.List;

/**
 * A module whose inputs OFT rotates: the windows of a convolution, the rows of an embedding. Each
 * block has the upper triangle of a skew-symmetric matrix, so the parameter is [blocks, size (size
 * - 1) / 2], or has one row if all blocks share it.
 *
 * @param blocks number of blocks
 * @param size inputs of a block
 */
record OftTarget(TargetModule module, int blocks, int size, OftSpec spec) implements AdapterTarget {
  static final String ROTATION = "oft_R.weight";
  static final String EMBEDDING_ROTATION = "oft_embedding_R.weight";

  /**
   * @throws ModelException if the blocks would have one element
   */
  static OftTarget of(TargetModule module, OftSpec spec) {
    int features = Math.toIntExact(features(module));
    boolean bySize = spec.rank() == 0;
    int divisor = divisor(features, bySize ? spec.oftBlockSize() : spec.rank());
    int size = bySize ? divisor : features / divisor;
    if (size < 2) {
      throw new ModelException(
          "%s: got %d, which leaves blocks of one element at the %d inputs of %s; expected a block size of 2 or more that divides them"
              .formatted(
                  bySize ? "oft_block_size" : "rank",
                  bySize ? spec.oftBlockSize() : spec.rank(),
                  features,
                  module.path()));
    }
    return new OftTarget(module, features / size, size, spec);
  }

  private static long features(TargetModule module) {
    return module.kind() == TargetModule.Kind.EMBEDDING ? module.out() : module.fanIn();
  }

  /** The divisor of a number that is nearest to the wanted one; of two, the smaller. */
  private static int divisor(int features, int wanted) {
    if (wanted >= features) {
      return features;
    }
    int below = wanted;
    while (features % below != 0) {
      below--;
    }
    int above = wanted;
    while (features % above != 0) {
      above++;
    }
    return wanted - below <= above - wanted ? below : above;
  }

  /** Rows of the parameter. */
  int rotations() {
    return spec.blockShare() ? 1 : blocks;
  }

  private String name() {
    return module.kind() == TargetModule.Kind.EMBEDDING ? EMBEDDING_ROTATION : ROTATION;
  }

  @Override
  public List<OwnParameter> parameters() {
    Start start = spec.initWeights() ? Start.ZEROS : Start.normal(0.1);
    return List.of(new OwnParameter(name(), start, rotations(), size * (size - 1L) / 2));
  }

  @Override
  public AdapterLayer layer(OwnParameters parameters) {
    return new OftLayer(this, rotation(parameters));
  }

  Rotation rotation(OwnParameters parameters) {
    return new Rotation(this, parameters.get(name()));
  }
}
