package dev.jlora.adapters.bitfit;

import dev.jlora.spec.Bias;
import dev.jlora.spec.PartialSpec;
import dev.jlora.spec.Problems;
import dev.jlora.spec.TargetedBuilder;
import dev.jlora.spec.TargetedSpec;
import dev.jlora.spec.Targets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * BitFit: the model's biases are trained, and nothing else but the head. PEFT has no such method;
 * names follow those of its others.
 *
 * @param targetModules the modules whose biases are trained; null for all biases of the model
 * @param excludeModules target modules to exclude; null for none
 * @param layersToTransform indices of the layers whose biases are trained; null for all
 * @param layersPattern the name before the layer index ({@code layer}); null for the usual ones
 * @param modulesToSave modules trained in full and saved with the adapter, in addition to the head
 *     that the task keeps trainable
 */
public record BitfitSpec(
    @Nullable Targets targetModules,
    @Nullable Targets excludeModules,
    @Nullable List<Integer> layersToTransform,
    @Nullable String layersPattern,
    List<String> modulesToSave)
    implements TargetedSpec {

  public static final String METHOD = "bitfit";

  public BitfitSpec {
    layersToTransform = layersToTransform == null ? null : List.copyOf(layersToTransform);
    modulesToSave = List.copyOf(modulesToSave);
    Problems problems = Problems.in(METHOD);
    TargetedSpec.checkTargets(
        problems, targetModules, excludeModules, layersToTransform, layersPattern);
    TargetedSpec.checkSaved(problems, modulesToSave);
    problems.unless(
        targetModules != null || excludeModules == null,
        "exclude_modules: got it without %s.target_modules, which select what it excludes from",
        METHOD);
    problems.throwIfAny();
  }

  /** All biases. */
  public static BitfitSpec defaults() {
    return new BitfitSpec(null, null, null, null, List.of());
  }

  /** All biases, or those of the targets. */
  @Override
  public Bias bias() {
    return targetModules == null ? Bias.ALL : Bias.LORA_ONLY;
  }

  @Override
  public String method() {
    return METHOD;
  }

  @Override
  public String toString() {
    return json();
  }

  /** A builder for all biases. */
  public static Builder builder() {
    return new Builder(PartialSpec.of(BitfitSpec.class));
  }

  /** A builder initialized with this spec. */
  public Builder toBuilder() {
    return new Builder(PartialSpec.of(BitfitSpec.class).over(this));
  }

  /** Collects settings; {@link #build} validates them. */
  public static final class Builder extends TargetedBuilder<BitfitSpec, Builder> {
    private Builder(PartialSpec<BitfitSpec> partial) {
      super(partial);
    }

    @Override
    protected Builder with(PartialSpec<BitfitSpec> settings) {
      return new Builder(settings);
    }

    public Builder exclude(String... names) {
      return with("excludeModules", Targets.names(names));
    }

    /** Restricts training to these layers, counted from 0. */
    public Builder layers(Integer... indices) {
      return with("layersToTransform", List.of(indices));
    }

    public Builder layersPattern(@Nullable String name) {
      return with("layersPattern", name);
    }
  }
}
