package dev.jlora.adapters.adalora;

import dev.jlora.spec.Bias;
import dev.jlora.spec.PartialSpec;
import dev.jlora.spec.Problems;
import dev.jlora.spec.RankChecks;
import dev.jlora.spec.TargetedBuilder;
import dev.jlora.spec.TargetedSpec;
import dev.jlora.spec.Targets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * AdaLoRA (Zhang et al., arXiv 2303.10512), with the fields and defaults of PEFT's {@code
 * AdaLoraConfig}: every target starts with {@code initR} ranks, of which training keeps the most
 * important ones, {@code targetR} on average.
 *
 * @param initR rank at the start; default 12
 * @param targetR average rank at the end; default 8
 * @param alpha PEFT's {@code lora_alpha}: the update is multiplied by alpha / initR; 0 stands for
 *     initR. Default 8
 * @param dropout PEFT's {@code lora_dropout}, on the input of A; default 0
 * @param tinit steps before ranks are removed; default 0
 * @param tfinal steps after the last are removed; default 0
 * @param deltaT steps between two removals; default 1
 * @param beta1 decay of the average importance; default 0.85
 * @param beta2 decay of the average uncertainty; default 0.85
 * @param orthRegWeight weight of the penalty that keeps A and B orthogonal; default 0.5
 * @param totalStep steps of the schedule; null for those of the run
 * @param initLoraWeights whether the update starts at zero; otherwise it is random, for tests
 * @param rankPattern in a trained adapter, whether each rank was kept, by the name of E ({@code
 *     ....query.lora_E})
 * @param fanInFanOut whether weights are stored [in, out]; replaced by the layout that the model
 *     declares
 * @param ensureWeightTying whether embeddings and output layer stay one weight, if the model ties
 *     them and {@code modulesToSave} names one of them; default false
 * @param targetModules the modules that get an adapter; null for PEFT's defaults
 * @param excludeModules target modules to exclude; null for none
 * @param bias which biases are trained; default none
 * @param modulesToSave modules trained in full and saved with the adapter, in addition to the head
 *     that the task keeps trainable
 * @param layersToTransform indices of the layers that get adapters; null for all
 * @param layersPattern the name before the layer index ({@code layer}); null for the usual ones
 */
public record AdaLoraSpec(
    int initR,
    int targetR,
    double alpha,
    double dropout,
    int tinit,
    int tfinal,
    int deltaT,
    double beta1,
    double beta2,
    double orthRegWeight,
    @Nullable Integer totalStep,
    boolean initLoraWeights,
    Map<String, List<Boolean>> rankPattern,
    boolean fanInFanOut,
    boolean ensureWeightTying,
    @Nullable Targets targetModules,
    @Nullable Targets excludeModules,
    Bias bias,
    List<String> modulesToSave,
    @Nullable List<Integer> layersToTransform,
    @Nullable String layersPattern)
    implements TargetedSpec {

  public static final String METHOD = "adalora";

  public AdaLoraSpec {
    Map<String, List<Boolean>> pattern = new LinkedHashMap<>();
    rankPattern.forEach((name, kept) -> pattern.put(name, List.copyOf(kept)));
    rankPattern = Collections.unmodifiableMap(pattern);
    modulesToSave = List.copyOf(modulesToSave);
    layersToTransform = layersToTransform == null ? null : List.copyOf(layersToTransform);
    Problems problems =
        Problems.in(METHOD)
            .unless(
                initR > 0 && initR <= RankChecks.MAX_RANK,
                "init_r: got %d, expected 1 to %d (12 is a common choice)",
                initR,
                RankChecks.MAX_RANK)
            .unless(
                targetR > 0 && targetR <= initR,
                "target_r: got %d, expected 1 to init_r, which is %d",
                targetR,
                initR)
            .unless(
                alpha >= 0 && alpha <= RankChecks.MAX_ALPHA,
                "alpha: got %s, expected 0 to %s",
                alpha,
                RankChecks.MAX_ALPHA)
            .unless(tinit >= 0, "tinit: got %d, expected 0 or more steps", tinit)
            .unless(tfinal >= 0, "tfinal: got %d, expected 0 or more steps", tfinal)
            .unless(deltaT > 0, "delta_t: got %d, expected 1 or more steps", deltaT)
            .unless(beta1 > 0 && beta1 < 1, "beta1: got %s, expected between 0 and 1", beta1)
            .unless(beta2 > 0 && beta2 < 1, "beta2: got %s, expected between 0 and 1", beta2)
            .unless(
                orthRegWeight >= 0 && Double.isFinite(orthRegWeight),
                "orth_reg_weight: got %s, expected 0 or more",
                orthRegWeight);
    if (totalStep != null) {
      problems.unless(
          tinit < (long) totalStep - tfinal,
          "total_step: got %d, expected more than tinit %d and tfinal %d together; ranks are"
              + " removed in between",
          totalStep,
          tinit,
          tfinal);
    }
    for (Map.Entry<String, List<Boolean>> entry : rankPattern.entrySet()) {
      problems.unless(
          entry.getValue().size() == initR,
          "rank_pattern '%s': got %d values, expected one for each of init_r %d ranks",
          entry.getKey(),
          entry.getValue().size(),
          initR);
    }
    RankChecks.dropout(problems, "dropout", dropout);
    TargetedSpec.checkTargets(
        problems, targetModules, excludeModules, layersToTransform, layersPattern);
    TargetedSpec.checkSaved(problems, modulesToSave);
    problems.throwIfAny();
  }

  /** PEFT's defaults. */
  public static AdaLoraSpec defaults() {
    return new AdaLoraSpec(
        12, 8, 8, 0, 0, 0, 1, 0.85, 0.85, 0.5, null, true, Map.of(), false, false, null, null,
        Bias.NONE, List.of(), null, null);
  }

  @Override
  public String method() {
    return METHOD;
  }

  /** PEFT's factor of B (A * E) x, whatever ranks are left. */
  double scaling() {
    return (alpha > 0 ? alpha : initR) / (initR + 1e-5);
  }

  @Override
  public String toString() {
    return json();
  }

  /** A builder initialized with PEFT's defaults. */
  public static Builder builder() {
    return new Builder(PartialSpec.of(AdaLoraSpec.class));
  }

  /** Collects settings; {@link #build} validates them. */
  public static final class Builder extends TargetedBuilder<AdaLoraSpec, Builder> {
    private Builder(PartialSpec<AdaLoraSpec> partial) {
      super(partial);
    }

    @Override
    protected Builder with(PartialSpec<AdaLoraSpec> settings) {
      return new Builder(settings);
    }

    /** The rank of every target at the start, and the average rank at the end. */
    public Builder ranks(int init, int target) {
      return with("initR", init).with("targetR", target);
    }

    public Builder alpha(double alpha) {
      return with("alpha", alpha);
    }

    public Builder dropout(double probability) {
      return with("dropout", probability);
    }

    /** The steps before ranks are removed, those after, and those between two removals. */
    public Builder schedule(int tinit, int tfinal, int deltaT) {
      return with("tinit", tinit).with("tfinal", tfinal).with("deltaT", deltaT);
    }

    /** The decay of the average importance and of its uncertainty. */
    public Builder betas(double beta1, double beta2) {
      return with("beta1", beta1).with("beta2", beta2);
    }

    public Builder orthRegWeight(double weight) {
      return with("orthRegWeight", weight);
    }

    /** The steps of the schedule, if not those of the run. */
    public Builder totalStep(int steps) {
      return with("totalStep", steps);
    }

    /** Whether the update starts at zero. */
    public Builder init(boolean zeros) {
      return with("initLoraWeights", zeros);
    }
  }
}
