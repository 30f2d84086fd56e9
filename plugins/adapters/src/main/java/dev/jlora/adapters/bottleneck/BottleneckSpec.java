package dev.jlora.adapters.bottleneck;

import dev.jlora.model.layers.Activation;
import dev.jlora.spec.PartialSpec;
import dev.jlora.spec.Problems;
import dev.jlora.spec.RankChecks;
import dev.jlora.spec.TargetedBuilder;
import dev.jlora.spec.TargetedSpec;
import dev.jlora.spec.Targets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bottleneck adapters, with the names of the adapters library ({@code BnConfig}); PEFT has no such
 * method. {@link #houlsby}, {@link #pfeiffer} and {@link #parallel} are the usual kinds.
 *
 * @param mhAdapter whether the default targets include the attention's output projections
 * @param outputAdapter whether the default targets include the feed-forward's output projections
 * @param reductionFactor a module's number of outputs divided by the width of its bottleneck
 * @param nonLinearity the activation in the bottleneck: {@code relu}, {@code gelu}, {@code swish}
 *     and other names of {@code hidden_act}
 * @param isParallel whether adapters read the inputs of their modules instead of the outputs
 * @param scaling the factor of what an adapter adds
 * @param dropout on what an adapter adds, in training
 * @param initWeights initialization
 * @param targetModules the modules that get an adapter; null for those of {@code mhAdapter} and
 *     {@code outputAdapter}
 * @param excludeModules target modules to exclude; null for none
 * @param layersToTransform indices of the layers that get adapters; null for all
 * @param layersPattern the name before the layer index ({@code layer}); null for the usual ones
 * @param modulesToSave modules trained in full and saved with the adapter, in addition to the head
 *     that the task keeps trainable
 */
public record BottleneckSpec(
    boolean mhAdapter,
    boolean outputAdapter,
    double reductionFactor,
    String nonLinearity,
    boolean isParallel,
    double scaling,
    double dropout,
    BottleneckInit initWeights,
    @Nullable Targets targetModules,
    @Nullable Targets excludeModules,
    @Nullable List<Integer> layersToTransform,
    @Nullable String layersPattern,
    List<String> modulesToSave)
    implements TargetedSpec {

  public static final String METHOD = "bottleneck";

  public BottleneckSpec {
    layersToTransform = layersToTransform == null ? null : List.copyOf(layersToTransform);
    modulesToSave = List.copyOf(modulesToSave);
    Problems problems =
        Problems.in(METHOD)
            .unless(
                targetModules != null || mhAdapter || outputAdapter,
                "target_modules: got none while mh_adapter and output_adapter are off, expected"
                    + " one of them")
            .unless(
                reductionFactor > 0 && Double.isFinite(reductionFactor),
                "reduction_factor: got %s, expected a number above 0 (16 is a common choice)",
                reductionFactor)
            .unless(
                Activation.names().contains(nonLinearity),
                "non_linearity: got '%s', expected one of %s",
                nonLinearity,
                Activation.names())
            .unless(
                Double.isFinite(scaling) && scaling != 0,
                "scaling: got %s, expected a finite number other than 0",
                scaling);
    RankChecks.dropout(problems, "dropout", dropout);
    TargetedSpec.checkTargets(
        problems, targetModules, excludeModules, layersToTransform, layersPattern);
    TargetedSpec.checkSaved(problems, modulesToSave);
    problems.throwIfAny();
  }

  /** As {@link #pfeiffer}. */
  public static BottleneckSpec defaults() {
    return new BottleneckSpec(
        false,
        true,
        16,
        "relu",
        false,
        1,
        0,
        BottleneckInit.BERT,
        null,
        null,
        null,
        null,
        List.of());
  }

  /** After attention and feed-forward, with swish (Houlsby et al., arXiv 1902.00751). */
  public static Builder houlsby() {
    return builder().attention(true).activation("swish");
  }

  /** After the feed-forward only, with ReLU (Pfeiffer et al., arXiv 2005.00052). */
  public static Builder pfeiffer() {
    return builder();
  }

  /**
   * Beside the feed-forward, with a wide bottleneck and scaling 4 (He et al., arXiv 2110.04366).
   */
  public static Builder parallel() {
    return builder().beside(true).reduction(2).scaling(4).init(BottleneckInit.MAM);
  }

  @Override
  public String method() {
    return METHOD;
  }

  @Override
  public String toString() {
    return json();
  }

  /** A builder initialized with the defaults. */
  public static Builder builder() {
    return new Builder(PartialSpec.of(BottleneckSpec.class));
  }

  /** A builder initialized with this spec. */
  public Builder toBuilder() {
    return new Builder(PartialSpec.of(BottleneckSpec.class).over(this));
  }

  /** Collects settings; {@link #build} validates them. */
  public static final class Builder extends TargetedBuilder<BottleneckSpec, Builder> {
    private Builder(PartialSpec<BottleneckSpec> partial) {
      super(partial);
    }

    @Override
    protected Builder with(PartialSpec<BottleneckSpec> settings) {
      return new Builder(settings);
    }

    /** Whether the default targets include the attention's output projections. */
    public Builder attention(boolean include) {
      return with("mhAdapter", include);
    }

    /** Whether the default targets include the feed-forward's output projections. */
    public Builder feedforward(boolean include) {
      return with("outputAdapter", include);
    }

    /** A module's number of outputs divided by the width of its bottleneck. */
    public Builder reduction(double factor) {
      return with("reductionFactor", factor);
    }

    /** The activation, by its name in {@code hidden_act}. */
    public Builder activation(String name) {
      return with("nonLinearity", name);
    }

    /** Whether adapters read the inputs of their modules instead of the outputs. */
    public Builder beside(boolean parallel) {
      return with("isParallel", parallel);
    }

    public Builder scaling(double factor) {
      return with("scaling", factor);
    }

    public Builder dropout(double probability) {
      return with("dropout", probability);
    }

    public Builder init(BottleneckInit init) {
      return with("initWeights", init);
    }

    public Builder exclude(String... names) {
      return with("excludeModules", Targets.names(names));
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
