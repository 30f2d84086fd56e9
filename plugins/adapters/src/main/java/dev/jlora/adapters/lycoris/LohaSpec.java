package dev.jlora.adapters.lycoris;

import dev.jlora.spec.PartialSpec;
import dev.jlora.spec.Problems;
import dev.jlora.spec.RankChecks;
import dev.jlora.spec.TargetedSpec;
import dev.jlora.spec.Targets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * LoHa, with the fields and defaults of PEFT's {@code LoHaConfig}.
 *
 * @param rank PEFT's {@code r}; default 8. The change of a weight has up to its square
 * @param alpha the numerator of the scaling alpha / rank; default 8
 * @param rankDropout the probability with which a row of the change is left out in training
 * @param moduleDropout the probability with which a step leaves out a module's adapter
 * @param useEffectiveConv2d whether convolutions with a kernel above 1 x 1 are decomposed in all
 *     dimensions (Proposition 3 of FedPara); default false
 * @param targetModules the modules that get an adapter; null for PEFT's defaults
 * @param excludeModules target modules to exclude; null for none
 * @param initWeights whether one matrix starts at zero, so that the model is unchanged at first;
 *     otherwise all are random
 * @param layersToTransform indices of the layers that get adapters; null for all
 * @param layersPattern the name before the layer index ({@code layer}); null for the usual ones
 * @param rankPattern ranks of individual modules, by a regular expression for the end of their name
 * @param alphaPattern alphas of individual modules, with patterns as in {@code rankPattern}
 * @param modulesToSave modules trained in full and saved with the adapter, in addition to the head
 *     that the task keeps trainable
 */
public record LohaSpec(
    int rank,
    double alpha,
    double rankDropout,
    double moduleDropout,
    boolean useEffectiveConv2d,
    @Nullable Targets targetModules,
    @Nullable Targets excludeModules,
    boolean initWeights,
    @Nullable List<Integer> layersToTransform,
    @Nullable String layersPattern,
    Map<String, Integer> rankPattern,
    Map<String, Double> alphaPattern,
    List<String> modulesToSave)
    implements LycorisSpec {

  public static final String METHOD = "loha";

  public LohaSpec {
    rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
    alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
    layersToTransform = layersToTransform == null ? null : List.copyOf(layersToTransform);
    modulesToSave = List.copyOf(modulesToSave);
    Problems problems = Problems.in(METHOD);
    RankChecks.rank(problems, rank, 8);
    RankChecks.alpha(problems, alpha);
    RankChecks.dropout(problems, "rank_dropout", rankDropout);
    RankChecks.dropout(problems, "module_dropout", moduleDropout);
    TargetedSpec.checkTargets(
        problems, targetModules, excludeModules, layersToTransform, layersPattern);
    RankChecks.rankPattern(problems, rankPattern);
    RankChecks.alphaPattern(problems, alphaPattern);
    TargetedSpec.checkSaved(problems, modulesToSave);
    problems.throwIfAny();
  }

  /** PEFT's defaults. */
  public static LohaSpec defaults() {
    return new LohaSpec(
        8, 8, 0, 0, false, null, null, true, null, null, Map.of(), Map.of(), List.of());
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
    return new Builder(PartialSpec.of(LohaSpec.class));
  }

  /** A builder initialized with this spec. */
  public Builder toBuilder() {
    return new Builder(PartialSpec.of(LohaSpec.class).over(this));
  }

  /** Collects settings; {@link #build} validates them. */
  public static final class Builder extends LycorisBuilder<LohaSpec, Builder> {
    private Builder(PartialSpec<LohaSpec> partial) {
      super(partial);
    }

    @Override
    protected Builder with(PartialSpec<LohaSpec> settings) {
      return new Builder(settings);
    }

    /** Whether the model is unchanged at first. */
    public Builder init(boolean neutral) {
      return with("initWeights", neutral);
    }
  }
}
