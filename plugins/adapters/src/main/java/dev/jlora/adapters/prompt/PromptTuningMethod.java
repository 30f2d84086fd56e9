package dev.jlora.adapters.prompt;

import dev.jlora.data.TextEncoder;
import dev.jlora.data.TextOptions;
import dev.jlora.io.ModelFolder;
import dev.jlora.model.ModelException;
import dev.jlora.peft.MethodTraits;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.Start;
import dev.jlora.spi.AdapterContext;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Prompt tuning; see {@link PromptTuningSpec}. */
public final class PromptTuningMethod extends PromptMethod<PromptTuningSpec> {
  private static final MethodTraits TRAITS =
      MethodTraits.withoutTargets("Prompt tuning", "PROMPT_TUNING")
          .config(SHARED_KEYS)
          .config(
              """
              {"prompt_tuning_init": "RANDOM", "prompt_tuning_init_text": null,
               "tokenizer_kwargs": null, "tokenizer_name_or_path": null}
              """);

  @Override
  public String name() {
    return PromptTuningSpec.METHOD;
  }

  @Override
  public Class<PromptTuningSpec> specType() {
    return PromptTuningSpec.class;
  }

  @Override
  MethodTraits traits() {
    return TRAITS;
  }

  @Override
  PromptEncoder encoder(PromptTuningSpec spec, PromptShape shape) {
    return new TableEncoder(shape.tokens(), shape.width(), Start.normal(1));
  }

  @Override
  long @Nullable [] startingTokens(PromptTuningSpec spec, AdapterContext context, long vocabulary) {
    return switch (spec.promptTuningInit()) {
      case RANDOM -> null;
      case SAMPLE_VOCAB ->
          new SplittableRandom(context.seed())
              .longs(spec.numVirtualTokens(), 0, vocabulary)
              .toArray();
      case TEXT -> ofText(spec, context, vocabulary);
    };
  }

  /** The tokens of the text with special tokens, repeated or cut to the number of virtual ones. */
  private static long[] ofText(PromptTuningSpec spec, AdapterContext context, long vocabulary) {
    Path folder = Path.of(tokenizer(spec, context.baseModel()));
    int[] ids;
    try (TextEncoder encoder = TextEncoder.open(ModelFolder.open(folder), TextOptions.DEFAULT)) {
      ids = encoder.tokens(List.of(spec.promptTuningInitText()), true).getFirst();
    }
    if (ids.length == 0) {
      throw new ModelException(
          "prompt_tuning_init_text: got '%s', which has no token; expected one or more"
              .formatted(spec.promptTuningInitText()));
    }
    long[] tokens = new long[spec.numVirtualTokens()];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = ids[i % ids.length];
      if (tokens[i] >= vocabulary) {
        throw new ModelException(
            "tokenizer_name_or_path: %s gives the id %,d, and the model's table has %,d rows"
                .formatted(folder, tokens[i], vocabulary));
      }
    }
    return tokens;
  }

  /** PEFT needs a tokenizer to read such a configuration, so the base model's is written, too. */
  private static @Nullable String tokenizer(PromptTuningSpec spec, String baseModel) {
    boolean own = spec.tokenizerNameOrPath() != null || spec.promptTuningInit() != PromptInit.TEXT;
    return own ? spec.tokenizerNameOrPath() : baseModel;
  }

  @Override
  PromptTuningSpec spec(PeftConfig config) {
    PromptInit init;
    try {
      init = PromptInit.of(config.text("prompt_tuning_init"));
    } catch (IllegalArgumentException e) {
      throw config.wrong("prompt_tuning_init", "RANDOM, SAMPLE_VOCAB or TEXT");
    }
    return new PromptTuningSpec(
        config.integer("num_virtual_tokens"),
        size(config, "token_dim"),
        size(config, "num_transformer_submodules"),
        size(config, "num_attention_heads"),
        size(config, "num_layers"),
        init,
        text(config, "prompt_tuning_init_text"),
        text(config, "tokenizer_name_or_path"),
        config.modulesToSave());
  }

  @Override
  PeftConfig config(PeftConfig config, PromptPlan<PromptTuningSpec> plan) {
    PromptTuningSpec spec = plan.spec();
    return config
        .with("prompt_tuning_init", spec.promptTuningInit().json())
        .with("prompt_tuning_init_text", spec.promptTuningInitText())
        .with("tokenizer_name_or_path", tokenizer(spec, plan.context().baseModel()));
  }
}
