package dev.jlora.model.tree;

import dev.jlora.model.CacheUse;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.KeyValueCache;
import dev.jlora.model.runtime.Module;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One node of a declared model: immutable data that knows its parts, its own parameters and how to
 * become a {@link Module}. Kinds are records, so that a tree prints, compares and can be walked.
 *
 * <p>Only {@link Named} adds to the path of what is below it; every other kind is transparent,
 * which lets a block be declared in the order it computes while its parameters keep the
 * checkpoint's names.
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

  /** What an adapter can attach to at {@code path}, or null if this kind takes no adapter. */
  default @Nullable TargetModule target(String path) {
    return null;
  }

  /**
   * Whether a token [B, s, ...] of the result depends on that token of the input alone, so that
   * fewer tokens may go in where fewer are wanted.
   */
  default boolean tokenwise() {
    return false;
  }

  /**
   * Whether this layer takes the tokens of a batch without its padding, [1, T, ...] as {@link
   * ForwardContext#packed} says, and gives the same for each of them. What looks at one token at a
   * time does; a kind that lets tokens see one another has to know where rows begin and end.
   */
  default boolean supportsUnpadded() {
    return tokenwise();
  }

  /** Whether this layer, or one inside it, reads the first column of a batch. */
  default boolean readsFirstToken() {
    return parts().stream().anyMatch(Layer::readsFirstToken);
  }

  /**
   * This layer for a reader of the first token: takes all of a sequence and gives [B, 1, hidden],
   * in passes that do not want all tokens. Kinds that can leave the other tokens out earlier than
   * at the end say how. Parameters keep their names and their order.
   */
  default Layer firstTokenOnly() {
    return tokenwise() ? FirstTokenOnly.before(this) : FirstTokenOnly.after(this);
  }

  /**
   * What this layer, its parts aside, needs of earlier tokens while a decoder generates with a
   * {@link KeyValueCache}. A kind that is not {@link #tokenwise} and says nothing is taken to look
   * at other tokens, which are not there then: such a network refuses to run with a cache.
   */
  default CacheUse cacheUse() {
    return tokenwise() ? CacheUse.NOTHING : CacheUse.IGNORES;
  }

  /** The runnable form. Parts are built with {@link Assembly#build(Layer)}. */
  Module build(Assembly assembly);
}
