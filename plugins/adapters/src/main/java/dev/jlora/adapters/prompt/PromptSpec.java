package dev.jlora.adapters.prompt;

import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.PartialSpec;
import dev.jlora.spec.Problems;
import dev.jlora.spec.TargetedSpec;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings that all methods with virtual tokens share, with the names of PEFT's {@code
 * PromptLearningConfig}. Those that are null are read from the model's configuration.
 */
public interface PromptSpec extends AdapterSpec {
  /** Far above the positions of any model. */
  int MAX_TOKENS = 1 << 20;

  /** Number of virtual tokens; PEFT has no default. */
  int numVirtualTokens();

  /** The width of a virtual token; for prefix tuning, of its keys in one layer (heads * size). */
  @Nullable Integer tokenDim();

  /** PEFT's number of stacks that get virtual tokens; 1, as these models have one. */
  @Nullable Integer numTransformerSubmodules();

  /** The number of heads that {@link #tokenDim} is divided between; used by prefix tuning only. */
  @Nullable Integer numAttentionHeads();

  /** The number of attention layers; used by prefix tuning only. */
  @Nullable Integer numLayers();

  /** Modules trained in full and saved with the adapter, in addition to the task's head. */
  List<String> modulesToSave();

  @Override
  default int virtualTokens() {
    return numVirtualTokens();
  }

  @Override
  default AdapterSpec alsoSaving(List<String> modules) {
    Set<String> all = new LinkedHashSet<>(modulesToSave());
    all.addAll(modules);
    return with(this, "modulesToSave", List.copyOf(all));
  }

  /** A copy with another value of a component. */
  @SuppressWarnings("unchecked") // a spec's class makes specs of this type
  private static <S extends PromptSpec> S with(S spec, String component, Object value) {
    return PartialSpec.of((Class<S>) spec.getClass()).over(spec).with(component, value).build();
  }

  /** Starts the checks of a spec with those of the shared settings. */
  static Problems check(
      String method,
      int numVirtualTokens,
      @Nullable Integer tokenDim,
      @Nullable Integer numTransformerSubmodules,
      @Nullable Integer numAttentionHeads,
      @Nullable Integer numLayers,
      List<String> modulesToSave) {
    Problems problems =
        Problems.in(method)
            .unless(
                numVirtualTokens > 0 && numVirtualTokens <= MAX_TOKENS,
                "num_virtual_tokens: got %d, expected 1 or more (20 is a usual start)",
                numVirtualTokens)
            .unless(
                numTransformerSubmodules == null || numTransformerSubmodules == 1,
                "num_transformer_submodules: got %s, expected 1: only encoder-decoder models have"
                    + " more, and they are not supported",
                numTransformerSubmodules);
    checkSize(problems, "token_dim", tokenDim);
    checkSize(problems, "num_attention_heads", numAttentionHeads);
    checkSize(problems, "num_layers", numLayers);
    TargetedSpec.checkSaved(problems, modulesToSave);
    return problems;
  }

  /** Checks a size that may be left open. */
  static void checkSize(Problems problems, String key, @Nullable Integer size) {
    problems.unless(size == null || size > 0, "%s: got %s, expected 1 or more", key, size);
  }
}
