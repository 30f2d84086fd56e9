package dev.jlora.model.runtime;

import dev.jlora.model.ModelException;
import dev.jlora.model.tree.Assembly;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys and values of a decoder's earlier tokens, by layer, so that a new token costs the work
 * of one token. Buffers are allocated once for {@code capacity} tokens and filled in place.
 *
 * <p>Owns its memory, freed by {@link #close()}; not thread-safe.
 */
public final class KeyValueCache implements AutoCloseable {
  private final long capacity;
  private final Scope scope = Scope.detached();
  private final Map<String, Entry> entries = new HashMap<>();

  /** Number of tokens that each layer has stored. */
  private final Map<String, Long> ends = new HashMap<>();

  private long length;

  /** The index in the batch of each row; null for the batch's own order. */
  private long @Nullable [] order;

  /** Keys and values of all tokens so far, [B, heads, tokens, d] each: views of the cache. */
  public record Entry(Tensor keys, Tensor values) {}

  /**
   * An empty cache.
   *
   * @param capacity maximum number of tokens of a sequence, including padding
   */
  public KeyValueCache(long capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException(
          "cache: got a capacity of %d, expected 1 or more tokens".formatted(capacity));
    }
    this.capacity = capacity;
  }

  /**
   * Fixes the order of the rows, which passes with adapters by row sort.
   *
   * @param places the index in the batch of each row; null for the batch's own order
   * @throws ModelException if earlier passes stored rows in another order
   */
  public void requireOrder(long @Nullable [] places) {
    if (length > 0 && !Arrays.equals(order, places)) {
      throw new ModelException(
          "cache: the adapters of the rows differ from those of earlier passes; expected one"
              + " selection for all passes with a cache");
    }
    order = places;
  }

  /** Number of tokens stored by earlier passes. */
  public long length() {
    return length;
  }

  /** Maximum number of tokens. */
  public long capacity() {
    return capacity;
  }

  /**
   * Appends the keys and values of a pass, [B, heads, S, d] each; once per pass for each layer. A
   * layer other than attention may store here what it needs of each token.
   *
   * @param layer the layer's path in the model, {@link Assembly#path}
   * @return all keys and values including these, owned by the current scope
   * @throws ModelException if they do not fit, or the layer has already stored those of this pass
   */
  public Entry append(String layer, Tensor keys, Tensor values) {
    long end = length + keys.size(2);
    if (end > capacity) {
      throw new ModelException(
          "cache: got %d tokens, expected %d at the most".formatted(end, capacity));
    }
    if (ends.getOrDefault(layer, 0L) > length) {
      throw new ModelException(
          ("cache: got two entries of one pass for '%s', expected one: two layers that use the"
                  + " cache need names of their own")
              .formatted(layer));
    }
    ends.put(layer, end);
    Entry buffers = entries.computeIfAbsent(layer, _ -> new Entry(buffer(keys), buffer(values)));
    return new Entry(filled(buffers.keys(), keys, end), filled(buffers.values(), values, end));
  }

  private Tensor buffer(Tensor like) {
    return scope.adopt(
        Tensor.empty(
            like.dtype(), like.device(), like.size(0), like.size(1), capacity, like.size(3)));
  }

  private Tensor filled(Tensor buffer, Tensor added, long end) {
    Views.slice(buffer, 2, length, end).copyFrom(added);
    return Views.slice(buffer, 2, 0, end);
  }

  /**
   * Ends a pass; the next one continues after its tokens.
   *
   * @param layers the paths of the layers that must have stored their tokens
   * @throws ModelException naming one that did not
   */
  public void advance(long tokens, List<String> layers) {
    length += tokens;
    for (String layer : layers) {
      if (ends.getOrDefault(layer, 0L) != length) {
        throw new ModelException(
            ("%s: declares that it fills the cache, but stored %,d of %,d tokens; expected"
                    + " KeyValueCache.append under this path with all tokens of every pass")
                .formatted(layer, ends.getOrDefault(layer, 0L), length));
      }
    }
  }

  @Override
  public void close() {
    scope.close();
  }
}
