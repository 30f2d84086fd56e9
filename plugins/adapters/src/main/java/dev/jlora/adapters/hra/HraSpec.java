package dev.jlora.adapters.hra;

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
 * HRA (Yuan et al., arXiv 2405.17484), with the fields and defaults of PEFT's {@code HRAConfig}: a
 * chain of Householder reflections of the inputs.
 *
 * @param rank PEFT's {@code r}: number of reflections; default 8. An even number starts as pairs of
 *     equal reflections, so that the model is unchanged at first
 * @param applyGs PEFT's {@code apply_GS}: whether the reflections are made orthogonal by the
 *     Gram-Schmidt process; such an adapter changes the model from the start. Default false
 * @param initWeights whether reflections start in pairs; otherwise all are random
 * @param targetModules the modules that get an adapter; null for PEFT's defaults
 * @param excludeModules target modules to exclude; null for none
 * @param bias which biases are trained; default none
 * @param modulesToSave modules trained in full and saved with the adapter, in addition to the head
 *     that the task keeps trainable
 * @param layersToTransform indices of the layers that get adapters; null for all
 * @param layersPattern the name before the layer index ({@code layer}); null for the usual ones
 */
public record HraSpec(
    int rank,
    boolean applyGs,
    boolean initWeights,
    @Nullable Targets targetModules,
    @Nullable Targets excludeModules,
    Bias bias,
    List<String> modulesToSave,
    @Nullable List<Integer> layersToTransform,
    @Nullable String layersPattern)
    implements TargetedSpec {

  public static final String METHOD = "hra";

  public HraSpec {
    modulesToSave = List.copyOf(modulesToSave);
    layersToTransform = layersToTransform == null ? null : List.copyOf(layersToTransform);
    Problems problems = Problems.in(METHOD);
    RankChecks.rank(problems, rank, 8);
    TargetedSpec.checkTargets(
        problems, targetModules, excludeModules, layersToTransform, layersPattern);
    TargetedSpec.checkSaved(problems, modulesToSave);
    problems.throwIfAny();
  }

  /** PEFT's defaults. */
  public static HraSpec defaults() {
    return new HraSpec(8, false, true, null, null, Bias.NONE, List.of(), null, null);
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
    return new Builder(PartialSpec.of(HraSpec.class));
  }

  /** Collects settings; {@link #build} validates them. */
  public static final class Builder extends TargetedBuilder<HraSpec, Builder> {
    private Builder(PartialSpec<HraSpec> partial) {
      super(partial);
    }

    @Override
    protected Builder with(PartialSpec<HraSpec> settings) {
      return new Builder(settings);
    }

    public Builder rank(int rank) {
      return with("rank", rank);
    }

    /** Whether the reflections are made orthogonal. */
    public Builder applyGs(boolean orthogonal) {
      return with("applyGs", orthogonal);
    }

    /** Whether reflections start in pairs. */
    public Builder init(boolean pairs) {
      return with("initWeights", pairs);
    }
  }
}
