package dev.jlora.adapters.prompt;

import dev.jlora.peft.MethodTraits;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.Start;

/** Prefix tuning; see {@link PrefixTuningSpec}. */
public final class PrefixTuningMethod extends PromptMethod<PrefixTuningSpec> {
  private static final MethodTraits TRAITS =
      MethodTraits.withoutTargets("Prefix tuning", "PREFIX_TUNING")
          .config(SHARED_KEYS)
          .config(
              """
              {"encoder_hidden_size": null, "prefix_projection": false, "init_weights": null}
              """);

  @Override
  public String name() {
    return PrefixTuningSpec.METHOD;
  }

  @Override
  public Class<PrefixTuningSpec> specType() {
    return PrefixTuningSpec.class;
  }

  @Override
  MethodTraits traits() {
    return TRAITS;
  }

  @Override
  boolean isPrefix() {
    return true;
  }

  @Override
  PromptEncoder encoder(PrefixTuningSpec spec, PromptShape shape) {
    boolean zero = spec.initWeights() != null;
    return spec.prefixProjection()
        ? new ProjectionEncoder(
            shape.tokens(), shape.width(), hidden(spec, shape), shape.keysAndValues(), zero)
        : new TableEncoder(
            shape.tokens(), shape.keysAndValues(), zero ? Start.ZEROS : Start.normal(1));
  }

  private static int hidden(PrefixTuningSpec spec, PromptShape shape) {
    return spec.encoderHiddenSize() == null ? shape.width() : spec.encoderHiddenSize();
  }

  @Override
  PrefixTuningSpec spec(PeftConfig config) {
    return new PrefixTuningSpec(
        config.integer("num_virtual_tokens"),
        size(config, "token_dim"),
        size(config, "num_transformer_submodules"),
        size(config, "num_attention_heads"),
        size(config, "num_layers"),
        size(config, "encoder_hidden_size"),
        config.flag("prefix_projection"),
        text(config, "init_weights"),
        config.modulesToSave());
  }

  @Override
  PeftConfig config(PeftConfig config, PromptPlan<PrefixTuningSpec> plan) {
    PrefixTuningSpec spec = plan.spec();
    return config
        .with("encoder_hidden_size", hidden(spec, plan.shape()))
        .with("prefix_projection", spec.prefixProjection())
        .with("init_weights", spec.initWeights());
  }
}
