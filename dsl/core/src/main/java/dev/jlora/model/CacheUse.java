package dev.jlora.model;

import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.KeyValueCache;

/**
 * What a layer, its parts aside, needs of earlier tokens when a decoder generates with a {@link
 * KeyValueCache} and each pass brings the new tokens alone.
 */
public enum CacheUse {
  /** Nothing: a token of the result depends on no other token. Layers around others say this. */
  NOTHING,

  /**
   * It puts what later tokens need into {@link ForwardContext#cache}, in every pass and at its own
   * path. The network checks that it did.
   */
  STORES,

  /** It looks at other tokens and does not know the cache: generation with a cache is refused. */
  IGNORES
}
