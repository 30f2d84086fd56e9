package dev.jlora.adapters.miss;

import dev.jlora.spec.Bias;
import dev.jlora.spec.PartialSpec;
import dev.jlora.spec.Problems;
import dev.jlora.spec.RankChecks;
import dev.jlora.spec.TargetedBuilder;
import dev.jlora.spec.TargetedSpec;
import dev.jlora.spec.Targets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * MiSS (Kang and Yin, arXiv 2409.15371), with the fields and defaults of PEFT's {@code MissConfig}:
 * the inputs are summed in groups, and one small block multiplies the sums.
 *
 * @param rank PEFT's {@code r}: number of groups of inputs; default 64
 * @param dropout PEFT's {@code miss_dropout}, on the inputs; default 0
 * @param miniR width of the repeated block, with {@code mini}; default 1
 * @param initWeights form and initialization of the blocks
 * @param targetModules the modules that get an adapter; null for PEFT's defaults
 * @param excludeModules target modules to exclude; null for none
 * @param bias which biases are trained; default none
 * @param modulesToSave modules trained in full and saved with the adapter, in addition to the head
 *     that the task keeps trainable
 * @param layersToTransform indices of the layers that get adapters; null for all
 * @param layersPattern the name before the layer index ({@code layer}); null for the usual ones
 */
public record MissSpec(
    int rank,
    double dropout,
    int miniR,
    MissInit initWeights,
    @Nullable Targets targetModules,
    @Nullable Targets excludeModules,
    Bias bias,
    List<String> modulesToSave,
    @Nullable List<Integer> layersToTransform,
    @Nullable String layersPattern)
    implements TargetedSpec {

  public static final String METHOD = "miss";

  public MissSpec {
    modulesToSave = List.copyOf(modulesToSave);
    layersToTransform = layersToTransform == null ? null : List.copyOf(layersToTransform);
    Problems problems =
        Problems.in(METHOD).unless(miniR > 0, "mini_r: got %d, expected 1 or more", miniR);
    RankChecks.rank(problems, rank, 64);
    RankChecks.dropout(problems, "dropout", dropout);
    TargetedSpec.checkTargets(
        problems, targetModules, excludeModules, layersToTransform, layersPattern);
    TargetedSpec.checkSaved(problems, modulesToSave);
    problems.throwIfAny();
  }

  /** PEFT's defaults. */
  public static MissSpec defaults() {
    return new MissSpec(64, 0, 1, MissInit.BALANCE, null, null, Bias.NONE, List.of(), null, null);
  }

  @Override
  public String method() {
    return METHOD;
  }

  @Override
  public String toString() {
    return json();
  }

  /** A builder initialized with PEFT's defaults. */
  public static Builder builder() {
    return new Builder(PartialSpec.of(MissSpec.class));
  }

  /** Collects settings; {@link #build} validates them. */
  public static final class Builder extends TargetedBuilder<MissSpec, Builder> {
    private Builder(PartialSpec<MissSpec> partial) {
      super(partial);
    }

    @Override
    protected Builder with(PartialSpec<MissSpec> settings) {
      return new Builder(settings);
    }

    public Builder rank(int rank) {
      return with("rank", rank);
    }

    public Builder dropout(double probability) {
      return with("dropout", probability);
    }

    public Builder miniR(int width) {
      return with("miniR", width);
    }

    public Builder init(MissInit init) {
      return with("initWeights", init);
    }
  }
}
