package dev.jlora.model.runtime;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The attached adapters that run in a pass: none, one, several with weights, or a selection per row
 * of the batch. A selection costs nothing and does not modify the network, so threads may run
 * different adapters on one network at the same time.
 */
public sealed interface AdapterSelection {

  /** Only the base model. */
  static AdapterSelection none() {
    return Weighted.NONE;
  }

  /** A single adapter. */
  static AdapterSelection of(String name) {
    return new Weighted(Map.of(name, 1.0));
  }

  /**
   * Several adapters at once: the update of each is multiplied by its weight, and the sum is added
   * to the base's product. Adapters of methods that do not add an update are chained in the order
   * of the map.
   */
  static AdapterSelection of(Map<String, Double> weights) {
    return new Weighted(weights);
  }

  /**
   * One adapter per row of the batch.
   *
   * @param names null for a row that runs only the base model
   */
  static AdapterSelection perRow(@Nullable String... names) {
    return new PerRow(Arrays.stream(names).map(name -> name == null ? none() : of(name)).toList());
  }

  /** One selection per row of the batch; none of them may itself be per row. */
  static AdapterSelection perRow(List<AdapterSelection> rows) {
    return new PerRow(rows);
  }

  /** A copy in which one adapter has a new name. */
  AdapterSelection renamed(String name, String other);

  /**
   * Adapters that run together.
   *
   * @param weights by adapter name
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

    @Override
    public AdapterSelection renamed(String name, String other) {
      Map<String, Double> renamed = new LinkedHashMap<>();
      weights.forEach((key, weight) -> renamed.put(key.equals(name) ? other : key, weight));
      return new Weighted(renamed);
    }
  }

  /**
   * Adapters per row.
   *
   * @param rows one selection per row of the batch
   */
  record PerRow(List<AdapterSelection> rows) implements AdapterSelection {
    public PerRow {
      rows = List.copyOf(rows);
      if (rows.stream().anyMatch(PerRow.class::isInstance)) {
        throw new IllegalArgumentException("a row's selection cannot itself be one by rows");
      }
    }

    @Override
    public AdapterSelection renamed(String name, String other) {
      return new PerRow(rows.stream().map(row -> row.renamed(name, other)).toList());
    }
  }
}
