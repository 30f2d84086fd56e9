package dev.jlora.model;

import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.KeyValueCache;

/**
 * How a layer, without its parts, uses earlier tokens when a decoder generates with a {@link
 * KeyValueCache} and each pass contains only the new tokens.
 */
public enum CacheUse {
  /**
   * It needs none: a token of the result depends on no other token. Layers around others declare
   * this.
   */
  NOTHING,

  /**
   * It stores what later tokens need in {@link ForwardContext#cache}, in every pass and at its own
   * path. The network checks that it did.
   */
  STORES,

  /** It uses other tokens but not the cache: generation with a cache is rejected. */
  IGNORES
}
