package dev.jlora.adapters.fourierft;

import dev.jlora.spec.Bias;
import dev.jlora.spec.PartialSpec;
import dev.jlora.spec.Problems;
import dev.jlora.spec.TargetedBuilder;
import dev.jlora.spec.TargetedSpec;
import dev.jlora.spec.Targets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * FourierFT (Gao et al., arXiv 2405.03003), with the fields and defaults of PEFT's {@code
 * FourierFTConfig}: the change of a weight is the inverse Fourier transform of a spectrum with
 * {@code nFrequency} trained coefficients at random places.
 *
 * @param nFrequency number of trained coefficients of each weight; default 1000
 * @param scaling factor of the change; default 150
 * @param randomLocSeed seed for the places of the coefficients, which are those that PyTorch draws;
 *     they are not in the file. Default 777
 * @param nFrequencyPattern {@code nFrequency} of individual modules, by a regular expression for
 *     the end of their name
 * @param initWeights whether coefficients start at zero, so that the model is unchanged at first;
 *     default false, they are standard normal
 * @param fanInFanOut whether weights are stored [in, out]; replaced by the layout that the model
 *     declares
 * @param targetModules the modules that get an adapter; null for PEFT's defaults
 * @param excludeModules target modules to exclude; null for none
 * @param bias which biases are trained; default none
 * @param modulesToSave modules trained in full and saved with the adapter, in addition to the head
 *     that the task keeps trainable
 * @param layersToTransform indices of the layers that get adapters; null for all
 * @param layersPattern the name before the layer index ({@code layer}); null for the usual ones
 */
public record FourierFtSpec(
    int nFrequency,
    double scaling,
    long randomLocSeed,
    Map<String, Integer> nFrequencyPattern,
    boolean initWeights,
    boolean fanInFanOut,
    @Nullable Targets targetModules,
    @Nullable Targets excludeModules,
    Bias bias,
    List<String> modulesToSave,
    @Nullable List<Integer> layersToTransform,
    @Nullable String layersPattern)
    implements TargetedSpec {

  public static final String METHOD = "fourierft";

  public FourierFtSpec {
    modulesToSave = List.copyOf(modulesToSave);
    layersToTransform = layersToTransform == null ? null : List.copyOf(layersToTransform);
    nFrequencyPattern = Collections.unmodifiableMap(new LinkedHashMap<>(nFrequencyPattern));
    Problems problems =
        Problems.in(METHOD)
            .unless(nFrequency > 0, "n_frequency: got %d, expected 1 or more", nFrequency)
            .unless(
                Double.isFinite(scaling) && scaling != 0,
                "scaling: got %s, expected a number other than 0",
                scaling);
    nFrequencyPattern.forEach(
        (key, value) -> {
          TargetedSpec.checkRegex(problems, "n_frequency_pattern", key);
          problems.unless(
              value > 0, "n_frequency_pattern '%s': got %d, expected 1 or more", key, value);
        });
    TargetedSpec.checkTargets(
        problems, targetModules, excludeModules, layersToTransform, layersPattern);
    TargetedSpec.checkSaved(problems, modulesToSave);
    problems.throwIfAny();
  }

  /** PEFT's defaults. */
  public static FourierFtSpec defaults() {
    return new FourierFtSpec(
        1000, 150, 777, Map.of(), false, false, null, null, Bias.NONE, List.of(), null, null);
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
    return new Builder(PartialSpec.of(FourierFtSpec.class));
  }

  /** Collects settings; {@link #build} validates them. */
  public static final class Builder extends TargetedBuilder<FourierFtSpec, Builder> {
    private Builder(PartialSpec<FourierFtSpec> partial) {
      super(partial);
    }

    @Override
    protected Builder with(PartialSpec<FourierFtSpec> settings) {
      return new Builder(settings);
    }

    public Builder frequencies(int count) {
      return with("nFrequency", count);
    }

    /** The number of coefficients of modules whose name ends with the pattern. */
    public Builder frequenciesOf(String pattern, int count) {
      return adding("nFrequencyPattern", pattern, count);
    }

    public Builder scaling(double scaling) {
      return with("scaling", scaling);
    }

    public Builder seed(long seed) {
      return with("randomLocSeed", seed);
    }

    /** Whether coefficients start at zero. */
    public Builder init(boolean zeros) {
      return with("initWeights", zeros);
    }
  }
}
