package dev.jlora.adapters.tokens;

import dev.jlora.model.TargetModule;
import dev.jlora.model.TargetModule.Kind;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.AdapterTargets;
import dev.jlora.peft.MethodTraits;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedMethod;
import dev.jlora.peft.TargetedPlan;
import dev.jlora.spi.AdapterContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Trainable tokens, with PEFT's options, defaults and files. */
public final class TrainableTokensMethod implements TargetedMethod<TrainableTokensSpec> {
  private static final String ROWS = "trainable_tokens_delta";

  private static final MethodTraits TRAITS =
      MethodTraits.of("Trainable tokens", "TRAINABLE_TOKENS", Kind.EMBEDDING, Kind.LINEAR)
          .parameter(ROWS)
          .config(
              """
              {"init_weights": true, "target_modules": null, "token_indices": []}
              """);

  @Override
  public String name() {
    return TrainableTokensSpec.METHOD;
  }

  @Override
  public Class<TrainableTokensSpec> specType() {
    return TrainableTokensSpec.class;
  }

  @Override
  public MethodTraits traits() {
    return TRAITS;
  }

  /** Without targets, on the model's input embeddings. */
  @Override
  public TargetedPlan<TrainableTokensSpec> plan(
      ModelPlan model, TrainableTokensSpec spec, AdapterContext context) {
    if (spec.targetModules() != null) {
      return TargetedMethod.super.plan(model, spec, context);
    }
    String embedding = TrainedTokens.inputEmbedding(model);
    return TargetedMethod.super.plan(model, spec.toBuilder().targets(embedding).build(), context);
  }

  @Override
  public AdapterTargets targets(TrainableTokensSpec spec) {
    return new Targets(spec, null);
  }

  /**
   * The embeddings of a spec.
   *
   * @param model null before it is known
   */
  private record Targets(TrainableTokensSpec spec, @Nullable ModelPlan model)
      implements AdapterTargets {
    @Override
    public AdapterTargets in(ModelPlan plan) {
      return new Targets(spec, plan);
    }

    @Override
    public AdapterTarget target(TargetModule module, List<String> names) {
      List<String> tied = model == null ? List.of() : TrainedTokens.tied(model, module.path());
      return new TokensTarget(module, ROWS, spec.tokenIndices(), spec.initWeights(), tied, true);
    }
  }

  @Override
  public TrainableTokensSpec spec(PeftConfig config) {
    List<Integer> tokens =
        config.value(
            "token_indices",
            "a list of token ids",
            json -> ((List<?>) json).stream().map(Integer.class::cast).toList());
    return new TrainableTokensSpec(tokens, config.targetModules(), config.flag("init_weights"));
  }

  @Override
  public PeftConfig config(PeftConfig config, TargetedPlan<TrainableTokensSpec> plan) {
    return config
        .with("token_indices", plan.spec().tokenIndices())
        .with("init_weights", plan.spec().initWeights());
  }
}
