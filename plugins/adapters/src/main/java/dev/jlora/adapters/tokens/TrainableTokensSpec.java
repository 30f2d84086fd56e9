package dev.jlora.adapters.tokens;

import dev.jlora.spec.PartialSpec;
import dev.jlora.spec.Problems;
import dev.jlora.spec.TargetedBuilder;
import dev.jlora.spec.TargetedSpec;
import dev.jlora.spec.Targets;
import dev.jlora.spec.TokenIndices;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Trainable tokens, with the fields of PEFT's {@code TrainableTokensConfig}: trains single rows of
 * an embedding.
 *
 * @param tokenIndices the ids of the tokens
 * @param targetModules the embeddings; null for the model's input embeddings
 * @param initWeights whether the rows start at the base's values, so that the model is unchanged at
 *     first; otherwise they are random
 */
public record TrainableTokensSpec(
    List<Integer> tokenIndices, @Nullable Targets targetModules, boolean initWeights)
    implements TargetedSpec {

  public static final String METHOD = "trainable-tokens";

  public TrainableTokensSpec {
    tokenIndices = List.copyOf(tokenIndices);
    Problems problems = Problems.in(METHOD);
    if (!tokenIndices.isEmpty()) { // a plan needs some
      TokenIndices.check(problems, "token_indices", tokenIndices);
    }
    TargetedSpec.checkTargets(problems, targetModules, null, null, null);
    problems
        .unless(
            !(targetModules instanceof Targets.AllLinear),
            "target_modules: got all-linear, expected embeddings")
        .throwIfAny();
  }

  /** PEFT's defaults; a job has to add tokens. */
  public static TrainableTokensSpec defaults() {
    return new TrainableTokensSpec(List.of(), null, true);
  }

  @Override
  public String method() {
    return METHOD;
  }

  @Override
  public String toString() {
    return json();
  }

  /** A builder for rows of these tokens. */
  public static Builder builder(Integer... tokens) {
    return new Builder(PartialSpec.of(TrainableTokensSpec.class)).tokens(tokens);
  }

  /** A builder initialized with this spec. */
  public Builder toBuilder() {
    return new Builder(PartialSpec.of(TrainableTokensSpec.class).over(this));
  }

  /** Collects settings; {@link #build} validates them. */
  public static final class Builder extends TargetedBuilder<TrainableTokensSpec, Builder> {
    private Builder(PartialSpec<TrainableTokensSpec> partial) {
      super(partial);
    }

    @Override
    protected Builder with(PartialSpec<TrainableTokensSpec> settings) {
      return new Builder(settings);
    }

    /** The ids of the tokens. */
    public Builder tokens(Integer... ids) {
      return with("tokenIndices", List.of(ids));
    }

    /** Whether the rows start at the base's values. */
    public Builder init(boolean fromBase) {
      return with("initWeights", fromBase);
    }
  }
}
