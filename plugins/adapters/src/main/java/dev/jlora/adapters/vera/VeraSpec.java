package dev.jlora.adapters.vera;

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
 * VeRA, with the fields and defaults of PEFT's {@code VeraConfig}.
 *
 * @param rank PEFT's {@code r}; default 256, as VeRA has far fewer parameters than LoRA
 * @param targetModules the modules that get an adapter; null for PEFT's defaults
 * @param projectionPrngKey seed of the shared matrices, which are PyTorch's for the same seed
 * @param saveProjection whether files contain the shared matrices; without them they are computed
 *     again from {@code projectionPrngKey}
 * @param dropout PEFT's {@code vera_dropout}, on the input of A; default 0
 * @param dInitial the value that lambda_d starts from; default 0.1
 * @param fanInFanOut whether weights are stored [in, out]; replaced by the layout that the model
 *     declares
 * @param bias which biases are trained; default none
 * @param modulesToSave modules trained in full and saved with the adapter, in addition to the head
 *     that the task keeps trainable
 * @param initWeights whether lambda_b starts at 0, so that the model is unchanged at first;
 *     otherwise it starts at 1, and lambda_d at random
 * @param layersToTransform indices of the layers that get adapters; null for all
 * @param layersPattern the name before the layer index ({@code layer}); null for the usual ones
 */
public record VeraSpec(
    int rank,
    @Nullable Targets targetModules,
    int projectionPrngKey,
    boolean saveProjection,
    double dropout,
    double dInitial,
    boolean fanInFanOut,
    Bias bias,
    List<String> modulesToSave,
    boolean initWeights,
    @Nullable List<Integer> layersToTransform,
    @Nullable String layersPattern)
    implements TargetedSpec {

  public static final String METHOD = "vera";

  public VeraSpec {
    modulesToSave = List.copyOf(modulesToSave);
    layersToTransform = layersToTransform == null ? null : List.copyOf(layersToTransform);
    Problems problems = Problems.in(METHOD);
    RankChecks.rank(problems, rank, 256);
    RankChecks.dropout(problems, "dropout", dropout);
    problems.unless(
        Double.isFinite(dInitial), "d_initial: got %s, expected a finite number", dInitial);
    TargetedSpec.checkTargets(problems, targetModules, null, layersToTransform, layersPattern);
    TargetedSpec.checkSaved(problems, modulesToSave);
    problems.throwIfAny();
  }

  /** PEFT's defaults. */
  public static VeraSpec defaults() {
    return new VeraSpec(256, null, 0, true, 0, 0.1, false, Bias.NONE, List.of(), true, null, null);
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
    return new Builder(PartialSpec.of(VeraSpec.class));
  }

  /** A builder initialized with this spec. */
  public Builder toBuilder() {
    return new Builder(PartialSpec.of(VeraSpec.class).over(this));
  }

  /** Collects settings; {@link #build} validates them. */
  public static final class Builder extends TargetedBuilder<VeraSpec, Builder> {
    private Builder(PartialSpec<VeraSpec> partial) {
      super(partial);
    }

    @Override
    protected Builder with(PartialSpec<VeraSpec> settings) {
      return new Builder(settings);
    }

    public Builder rank(int rank) {
      return with("rank", rank);
    }

    /** The seed of the shared matrices. */
    public Builder projectionKey(int seed) {
      return with("projectionPrngKey", seed);
    }

    /** Whether files contain the shared matrices. */
    public Builder saveProjection(boolean save) {
      return with("saveProjection", save);
    }

    public Builder dropout(double probability) {
      return with("dropout", probability);
    }

    /** The value that lambda_d starts from. */
    public Builder initial(double lambda) {
      return with("dInitial", lambda);
    }

    public Builder bias(Bias bias) {
      return with("bias", bias);
    }

    /** Whether the model is unchanged at first. */
    public Builder init(boolean neutral) {
      return with("initWeights", neutral);
    }

    /** Restricts adapters to these layers, counted from 0. */
    public Builder layers(Integer... indices) {
      return with("layersToTransform", List.of(indices));
    }

    public Builder layersPattern(@Nullable String name) {
      return with("layersPattern", name);
    }
  }
}
