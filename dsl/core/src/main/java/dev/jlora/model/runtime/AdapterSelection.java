package dev.jlora.model.runtime;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which of a network's attached adapters run in a pass: none, one, several with weights, or others
 * for each row of the batch. Choosing costs nothing and changes nothing of the network, so threads
 * may run different adapters on one network at the same time.
 */
public sealed interface AdapterSelection {

  /** The base alone. */
  static AdapterSelection none() {
    return Weighted.NONE;
  }

  /** One adapter. */
  static AdapterSelection of(String name) {
    return new Weighted(Map.of(name, 1.0));
  }

  /**
   * Several adapters at once: what each adds to a product is multiplied by its weight, and the sum
   * is added. Where a method does something else than add, the adapters follow each other in the
   * order of the map.
   */
  static AdapterSelection of(Map<String, Double> weights) {
    return new Weighted(weights);
  }

  /**
   * An adapter for each row of the batch.
   *
   * @param names null for a row that the base answers alone
   */
  static AdapterSelection perRow(@Nullable String... names) {
    return new PerRow(Arrays.stream(names).map(name -> name == null ? none() : of(name)).toList());
  }

  /** A selection for each row of the batch, none of which is one by rows itself. */
  static AdapterSelection perRow(List<AdapterSelection> rows) {
    return new PerRow(rows);
  }

  /**
   * Adapters that run together.
   *
   * @param weights by name
   */
  record Weighted(Map<String, Double> weights) implements AdapterSelection {
    private static final Weighted NONE = new Weighted(Map.of());

    public Weighted {
      weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
      weights.forEach(
          (name, weight) -> {
            if (!Double.isFinite(weight)) {
              throw new IllegalArgumentException(
                  "weight of the adapter '%s': got %s, expected a finite number"
                      .formatted(name, weight));
            }
          });
    }
  }

  /**
   * Adapters by rows.
   *
   * @param rows one selection for each row of the batch
   */
  record PerRow(List<AdapterSelection> rows) implements AdapterSelection {
    public PerRow {
      rows = List.copyOf(rows);
      if (rows.stream().anyMatch(PerRow.class::isInstance)) {
        throw new IllegalArgumentException("a row's selection cannot itself be one by rows");
      }
    }
  }
}
