package dev.jlora.adapters.prompt;

import dev.jlora.peft.MethodTraits;
import dev.jlora.peft.PeftConfig;

/** P-tuning; see {@link PTuningSpec}. */
public final class PTuningMethod extends PromptMethod<PTuningSpec> {
  private static final MethodTraits TRAITS =
      MethodTraits.withoutTargets("P-tuning", "P_TUNING")
          .config(SHARED_KEYS)
          .config(
              """
              {"encoder_reparameterization_type": "MLP", "encoder_hidden_size": null,
               "encoder_num_layers": 2, "encoder_dropout": 0.0}
              """);

  @Override
  public String name() {
    return PTuningSpec.METHOD;
  }

  @Override
  public Class<PTuningSpec> specType() {
    return PTuningSpec.class;
  }

  @Override
  MethodTraits traits() {
    return TRAITS;
  }

  @Override
  PromptEncoder encoder(PTuningSpec spec, PromptShape shape) {
    int hidden = hidden(spec, shape);
    return switch (spec.encoderReparameterizationType()) {
      case MLP -> new MlpEncoder(shape.tokens(), shape.width(), hidden);
      case LSTM ->
          new LstmEncoder(
              shape.tokens(),
              shape.width(),
              hidden,
              spec.encoderNumLayers(),
              spec.encoderDropout());
    };
  }

  private static int hidden(PTuningSpec spec, PromptShape shape) {
    return spec.encoderHiddenSize() == null ? shape.width() : spec.encoderHiddenSize();
  }

  @Override
  PTuningSpec spec(PeftConfig config) {
    EncoderType type;
    try {
      type = EncoderType.of(config.text("encoder_reparameterization_type"));
    } catch (IllegalArgumentException e) {
      throw config.wrong("encoder_reparameterization_type", "MLP or LSTM");
    }
    return new PTuningSpec(
        config.integer("num_virtual_tokens"),
        size(config, "token_dim"),
        size(config, "num_transformer_submodules"),
        size(config, "num_attention_heads"),
        size(config, "num_layers"),
        type,
        size(config, "encoder_hidden_size"),
        config.integer("encoder_num_layers"),
        config.number("encoder_dropout"),
        config.modulesToSave());
  }

  @Override
  PeftConfig config(PeftConfig config, PromptPlan<PTuningSpec> plan) {
    PTuningSpec spec = plan.spec();
    return config
        .with("encoder_reparameterization_type", spec.encoderReparameterizationType().json())
        .with("encoder_hidden_size", hidden(spec, plan.shape()))
        .with("encoder_num_layers", spec.encoderNumLayers())
        .with("encoder_dropout", spec.encoderDropout());
  }
}
