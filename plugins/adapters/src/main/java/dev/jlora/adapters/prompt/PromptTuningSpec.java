package dev.jlora.adapters.prompt;

import dev.jlora.spec.PartialSpec;
import dev.jlora.spec.Problems;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Prompt tuning (arXiv:2104.08691), with the fields of PEFT's {@code PromptTuningConfig}: the
 * embeddings of virtual tokens before each text are trained.
 *
 * @param numVirtualTokens number of virtual tokens; default 20 (PEFT has none)
 * @param tokenDim width of the model's embeddings; null for the configuration's
 * @param numTransformerSubmodules 1 or null
 * @param numAttentionHeads only written to the file; null for the configuration's
 * @param numLayers only written to the file; null for the configuration's
 * @param promptTuningInit initialization; default random
 * @param promptTuningInitText the text whose tokens initialize the virtual ones, with {@link
 *     PromptInit#TEXT} only
 * @param tokenizerNameOrPath folder of the tokenizer for that text; null for the base model's
 * @param modulesToSave modules trained in full, in addition to the task's head
 */
public record PromptTuningSpec(
    int numVirtualTokens,
    @Nullable Integer tokenDim,
    @Nullable Integer numTransformerSubmodules,
    @Nullable Integer numAttentionHeads,
    @Nullable Integer numLayers,
    PromptInit promptTuningInit,
    @Nullable String promptTuningInitText,
    @Nullable String tokenizerNameOrPath,
    List<String> modulesToSave)
    implements PromptSpec {

  public static final String METHOD = "prompt-tuning";

  public PromptTuningSpec {
    modulesToSave = List.copyOf(modulesToSave);
    Problems problems =
        PromptSpec.check(
            METHOD,
            numVirtualTokens,
            tokenDim,
            numTransformerSubmodules,
            numAttentionHeads,
            numLayers,
            modulesToSave);
    problems
        .unless(
            promptTuningInit != PromptInit.TEXT
                || promptTuningInitText != null && !promptTuningInitText.isEmpty(),
            "prompt_tuning_init_text: got none, expected a text with prompt_tuning_init TEXT")
        .throwIfAny();
  }

  /** PEFT's defaults, and 20 virtual tokens. */
  public static PromptTuningSpec defaults() {
    return new PromptTuningSpec(
        20, null, null, null, null, PromptInit.RANDOM, null, null, List.of());
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
    return new Builder(PartialSpec.of(PromptTuningSpec.class));
  }

  /** Collects settings; {@link #build} validates them. */
  public static final class Builder extends PromptBuilder<PromptTuningSpec, Builder> {
    private Builder(PartialSpec<PromptTuningSpec> partial) {
      super(partial);
    }

    @Override
    Builder with(PartialSpec<PromptTuningSpec> settings) {
      return new Builder(settings);
    }

    /** The initialization. */
    public Builder init(PromptInit init) {
      return with("promptTuningInit", init);
    }

    /** Starts from the tokens of a text, with the base model's tokenizer. */
    public Builder text(String text) {
      return init(PromptInit.TEXT).with("promptTuningInitText", text);
    }

    /** The folder of the tokenizer for {@link #text}. */
    public Builder tokenizer(String folder) {
      return with("tokenizerNameOrPath", folder);
    }
  }
}
