package dev.jlora.model.tree;

import dev.jlora.model.CacheUse;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.FirstTokens;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.KeyValueCache;
import dev.jlora.model.runtime.Module;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One node of a declared model: immutable data with its parts, its own parameters, and a method to
 * build a {@link Module}. Kinds are records, so that a tree can be printed, compared and walked.
 *
 * <p>Only {@link Named} adds to the path of the layers below it; all other kinds are transparent. A
 * block can thus be declared in the order of computation while its parameters keep the checkpoint's
 * names.
 */
public interface Layer {

  /** The layers directly inside this one, in the order of the checkpoint's parameters. */
  default List<Layer> parts() {
    return List.of();
  }

  /** This layer's own parameters, named relative to its path ("weight", "bias"). */
  default List<ParameterSpec> parameters() {
    return List.of();
  }

  /** The adapter target at {@code path}, or null if this kind cannot have an adapter. */
  default @Nullable TargetModule target(String path) {
    return null;
  }

  /**
   * The shares of queries, keys and values in the outputs of the first part, if that computes all
   * three in one product; empty for others. Adapters can be given to some of them.
   */
  default List<Integer> sections() {
    return List.of();
  }

  /**
   * Whether a token [B, s, ...] of the result depends only on that token of the input, so that a
   * subset of tokens can be computed. A layer that adds outputs to a pass must not declare it:
   * these would be incomplete.
   */
  default boolean tokenwise() {
    return false;
  }

  /**
   * Whether this layer supports unpadded input, [1, T, ...] as described by {@link
   * ForwardContext#unpadded}, with the same result for each token. Tokenwise layers do; a layer in
   * which tokens attend to one another must respect the boundaries of rows.
   */
  default boolean supportsUnpadded() {
    return tokenwise();
  }

  /** Whether this layer, or one inside it, reads the first column of a batch. */
  default boolean readsFirstToken() {
    return readsOnlyFirstToken() || parts().stream().anyMatch(Layer::readsFirstToken);
  }

  /**
   * Whether the result depends on no token of the input [B, S, ...] but the first of each sequence.
   * The layers before it in a {@link Sequence} are then built with {@link #buildForFirstToken}.
   */
  default boolean readsOnlyFirstToken() {
    return false;
  }

  /**
   * The names of the outputs that this layer, without its parts, adds to every pass in which it
   * computes all tokens.
   */
  default List<String> outputs() {
    return List.of();
  }

  /**
   * How this layer, without its parts, uses earlier tokens during generation with a {@link
   * KeyValueCache}. A layer that is not {@link #tokenwise} and declares nothing is assumed to use
   * other tokens, which are not available then: such a network rejects passes with a cache.
   */
  default CacheUse cacheUse() {
    return tokenwise() ? CacheUse.NOTHING : CacheUse.IGNORES;
  }

  /** Builds the module. Parts are built with {@link Assembly#build(Layer)}. */
  Module build(Assembly assembly);

  /**
   * Builds the module for a reader of the first token: from the whole sequence to [B, 1, ...], or
   * to all tokens in passes that {@link ForwardContext#wantsAllTokens request} them. By default, a
   * tokenwise layer gets only the first token ({@link FirstTokens#of}), and any other computes all
   * of them. Override it if the other tokens can be skipped before the end; parts that need not
   * compute them are built with {@link Assembly#buildForFirstToken}.
   */
  default Module buildForFirstToken(Assembly assembly) {
    Module all = assembly.build(this);
    return tokenwise()
        ? (x, pass) -> all.forward(FirstTokens.of(x, pass), pass)
        : (x, pass) -> FirstTokens.of(all.forward(x, pass), pass);
  }
}
