package dev.jlora.adapters.prompt;

import dev.jlora.spec.PartialSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Prefix tuning (arXiv:2101.00190), with the fields of PEFT's {@code PrefixTuningConfig}: the keys
 * and values of virtual tokens are trained in every attention layer.
 *
 * @param numVirtualTokens number of virtual tokens; default 20 (PEFT has none)
 * @param tokenDim key heads times their size; null for the configuration's
 * @param numTransformerSubmodules 1 or null
 * @param numAttentionHeads number of key heads; null for the configuration's
 * @param numLayers number of attention layers; null for the configuration's
 * @param encoderHiddenSize width of the projection; null for {@code tokenDim}
 * @param prefixProjection whether two linear layers with tanh between them compute keys and values
 *     from narrower embeddings; files contain only what they compute, as in PEFT, so that such an
 *     adapter cannot be trained further. Default false
 * @param initWeights {@code zero} for keys and values of zero at first; null for random ones
 * @param modulesToSave modules trained in full, in addition to the task's head
 */
public record PrefixTuningSpec(
    int numVirtualTokens,
    @Nullable Integer tokenDim,
    @Nullable Integer numTransformerSubmodules,
    @Nullable Integer numAttentionHeads,
    @Nullable Integer numLayers,
    @Nullable Integer encoderHiddenSize,
    boolean prefixProjection,
    @Nullable String initWeights,
    List<String> modulesToSave)
    implements PromptSpec {

  public static final String METHOD = "prefix-tuning";

  /** The only value of {@code init_weights}. */
  static final String ZERO = "zero";

  public PrefixTuningSpec {
    modulesToSave = List.copyOf(modulesToSave);
    var problems =
        PromptSpec.check(
            METHOD,
            numVirtualTokens,
            tokenDim,
            numTransformerSubmodules,
            numAttentionHeads,
            numLayers,
            modulesToSave);
    PromptSpec.checkSize(problems, "encoder_hidden_size", encoderHiddenSize);
    problems
        .unless(
            initWeights == null || initWeights.equals(ZERO),
            "init_weights: got %s, expected %s, or none for random values",
            initWeights,
            ZERO)
        .throwIfAny();
  }

  /** PEFT's defaults, and 20 virtual tokens. */
  public static PrefixTuningSpec defaults() {
    return new PrefixTuningSpec(20, null, null, null, null, null, false, null, List.of());
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
    return new Builder(PartialSpec.of(PrefixTuningSpec.class));
  }

  /** Collects settings; {@link #build} validates them. */
  public static final class Builder extends PromptBuilder<PrefixTuningSpec, Builder> {
    private Builder(PartialSpec<PrefixTuningSpec> partial) {
      super(partial);
    }

    @Override
    Builder with(PartialSpec<PrefixTuningSpec> settings) {
      return new Builder(settings);
    }

    /** Computes keys and values with a projection. */
    public Builder projection() {
      return with("prefixProjection", true);
    }

    /** The width of the projection. */
    public Builder encoderHiddenSize(int size) {
      return with("encoderHiddenSize", size);
    }

    /** Starts with keys and values of zero. */
    public Builder zero() {
      return with("initWeights", ZERO);
    }
  }
}
