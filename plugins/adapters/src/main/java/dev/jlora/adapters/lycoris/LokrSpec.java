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
 * LoKr, with the fields and defaults of PEFT's {@code LoKrConfig}.
 *
 * @param rank PEFT's {@code r}; default 8. A factor whose larger side is at most twice the rank is
 *     one matrix; a larger one is a product of two
 * @param alpha the numerator of the scaling alpha / rank; default 8
 * @param rankDropout the probability with which a row of the change is left out in training
 * @param moduleDropout the probability with which a step leaves out a module's adapter
 * @param useEffectiveConv2d whether convolutions with a kernel above 1 x 1 are decomposed in all
 *     dimensions (Proposition 3 of FedPara); default false
 * @param decomposeBoth whether the left factor may be a product, too; default false
 * @param decomposeFactor how sizes are split: the largest divisor up to this number is the size of
 *     the left factor; -1 splits near the square root
 * @param rankDropoutScale whether the rows that {@code rankDropout} leaves are scaled, so that
 *     their mean is kept; default false
 * @param targetModules the modules that get an adapter; null for PEFT's defaults
 * @param excludeModules target modules to exclude; null for none
 * @param initWeights initialization; by default the model is unchanged at first
 * @param layersToTransform indices of the layers that get adapters; null for all
 * @param layersPattern the name before the layer index ({@code layer}); null for the usual ones
 * @param rankPattern ranks of individual modules, by a regular expression for the end of their name
 * @param alphaPattern alphas of individual modules, with patterns as in {@code rankPattern}
 * @param modulesToSave modules trained in full and saved with the adapter, in addition to the head
 *     that the task keeps trainable
 */
public record LokrSpec(
    int rank,
    double alpha,
    double rankDropout,
    double moduleDropout,
    boolean useEffectiveConv2d,
    boolean decomposeBoth,
    int decomposeFactor,
    boolean rankDropoutScale,
    @Nullable Targets targetModules,
    @Nullable Targets excludeModules,
    LokrInit initWeights,
    @Nullable List<Integer> layersToTransform,
    @Nullable String layersPattern,
    Map<String, Integer> rankPattern,
    Map<String, Double> alphaPattern,
    List<String> modulesToSave)
    implements LycorisSpec {

  public static final String METHOD = "lokr";

  public LokrSpec {
    rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
    alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
    layersToTransform = layersToTransform == null ? null : List.copyOf(layersToTransform);
    modulesToSave = List.copyOf(modulesToSave);
    Problems problems = Problems.in(METHOD);
    RankChecks.rank(problems, rank, 8);
    RankChecks.alpha(problems, alpha);
    RankChecks.dropout(problems, "rank_dropout", rankDropout);
    RankChecks.dropout(problems, "module_dropout", moduleDropout);
    problems.unless(
        decomposeFactor == -1 || decomposeFactor > 0,
        "decompose_factor: got %d, expected -1, or a number above 0",
        decomposeFactor);
    TargetedSpec.checkTargets(
        problems, targetModules, excludeModules, layersToTransform, layersPattern);
    RankChecks.rankPattern(problems, rankPattern);
    RankChecks.alphaPattern(problems, alphaPattern);
    TargetedSpec.checkSaved(problems, modulesToSave);
    problems.throwIfAny();
  }

  /** PEFT's defaults. */
  public static LokrSpec defaults() {
    return new LokrSpec(
        8,
        8,
        0,
        0,
        false,
        false,
        -1,
        false,
        null,
        null,
        LokrInit.DEFAULT,
        null,
        null,
        Map.of(),
        Map.of(),
        List.of());
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
    return new Builder(PartialSpec.of(LokrSpec.class));
  }

  /** A builder initialized with this spec. */
  public Builder toBuilder() {
    return new Builder(PartialSpec.of(LokrSpec.class).over(this));
  }

  /** Collects settings; {@link #build} validates them. */
  public static final class Builder extends LycorisBuilder<LokrSpec, Builder> {
    private Builder(PartialSpec<LokrSpec> partial) {
      super(partial);
    }

    @Override
    protected Builder with(PartialSpec<LokrSpec> settings) {
      return new Builder(settings);
    }

    /** Lets the left factor be a product, too. */
    public Builder decomposeBoth() {
      return with("decomposeBoth", true);
    }

    /** How sizes are split; -1 splits near the square root. */
    public Builder factor(int decomposeFactor) {
      return with("decomposeFactor", decomposeFactor);
    }

    /** Scales the rows that rank dropout leaves. */
    public Builder scaleRankDropout() {
      return with("rankDropoutScale", true);
    }

    public Builder init(LokrInit init) {
      return with("initWeights", init);
    }
  }
}
