package dev.jlora.adapters.prompt;

import dev.jlora.io.FormatException;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.peft.MethodTraits;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.Start;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.AdapterPlan;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What the methods with virtual tokens have in common. */
abstract class PromptMethod<S extends PromptSpec> implements AdapterMethod<S> {
  /** Keys of PEFT's {@code PromptLearningConfig}. */
  static final String SHARED_KEYS =
      """
      {"num_virtual_tokens": null, "token_dim": null, "num_transformer_submodules": null,
       "num_attention_heads": null, "num_layers": null, "modules_to_save": null}
      """;

  abstract MethodTraits traits();

  /** Whether virtual tokens are keys and values of the attention layers. */
  boolean isPrefix() {
    return false;
  }

  /** What training updates. */
  abstract PromptEncoder encoder(S spec, PromptShape shape);

  /** What a file contains: the virtual tokens. */
  final PromptEncoder stored(PromptShape shape) {
    long width = isPrefix() ? shape.keysAndValues() : shape.width();
    return new TableEncoder(shape.tokens(), width, Start.ZEROS);
  }

  /**
   * The tokens whose embeddings a new adapter starts with.
   *
   * @param vocabulary number of tokens
   * @return n of them; null for random virtual tokens
   */
  long @Nullable [] startingTokens(S spec, AdapterContext context, long vocabulary) {
    return null;
  }

  /** The spec of a saved adapter, with its sizes. */
  abstract S spec(PeftConfig config);

  /** Adds the method's own keys. */
  abstract PeftConfig config(PeftConfig config, PromptPlan<S> plan);

  @Override
  public final String peftType() {
    return traits().peftType();
  }

  @Override
  public final AdapterPlan plan(ModelPlan model, S spec, AdapterContext context) {
    Path start = context.start();
    PeftConfig config = start == null ? PeftConfig.of(traits()) : PeftConfig.read(start, traits());
    PromptShape shape = PromptShape.of(spec, context.config(), isPrefix());
    return PromptPlan.of(this, model, spec, context, shape, config);
  }

  @Override
  public final AdapterPlan saved(ModelPlan model, Path folder) {
    PeftConfig config = PeftConfig.read(folder, traits());
    return PromptPlan.read(this, model, config.spec(this::spec), config);
  }

  /**
   * @throws FormatException if the file contains only what the trained parameters computed
   */
  @Override
  public final S read(Path folder) {
    PeftConfig config = PeftConfig.read(folder, traits());
    S spec = config.spec(this::spec);
    if (!encoder(spec, PromptShape.saved(spec)).isTable()) {
      throw new FormatException(
          config.where(),
          "cannot be trained further: the file has the virtual tokens that its encoder computed,"
              + " not the encoder.",
          "Continue an interrupted run with --resume, or train a new adapter.");
    }
    return spec;
  }

  /** A size in a file that may be absent. */
  static @Nullable Integer size(PeftConfig config, String key) {
    return config.json(key).isNull() ? null : config.integer(key);
  }

  /** A text in a file that may be absent. */
  static @Nullable String text(PeftConfig config, String key) {
    return config.json(key).isNull() ? null : config.text(key);
  }
}
