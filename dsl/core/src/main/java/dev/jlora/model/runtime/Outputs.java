package dev.jlora.model.runtime;

import dev.jlora.model.ModelException;
import dev.jlora.spec.Nearest;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The outputs of a forward pass, by their Hugging Face names: {@code last_hidden_state}, {@code
 * pooler_output}, {@code logits}, {@code start_logits}, {@code end_logits}, {@code
 * hidden_states.0..n}. The tensors belong to the scope around the pass.
 *
 * <p>Vocabulary logits are computed on demand, on the tape of the pass; a loss may use their {@link
 * #projection} instead. Confined to the thread of the pass.
 */
public final class Outputs {
  private final Map<String, Tensor> tensors;
  private final Map<String, Projection> projections;
  private final int virtualTokens;

  /** Outputs that are already computed. */
  public Outputs(Map<String, Tensor> tensors) {
    this(tensors, Map.of(), 0);
  }

  Outputs(Map<String, Tensor> tensors, Map<String, Projection> projections, int virtualTokens) {
    this.virtualTokens = virtualTokens;
    this.tensors = new LinkedHashMap<>(tensors);
    this.projections = new LinkedHashMap<>(projections);
  }

  /**
   * Number of virtual tokens of an adapter at the start of each row: outputs per token have a
   * column for each of them before those of the text, as in PEFT.
   */
  public int virtualTokens() {
    return virtualTokens;
  }

  /** All outputs, computed. */
  public Map<String, Tensor> tensors() {
    List.copyOf(projections.keySet()).forEach(this::find);
    return Collections.unmodifiableMap(tensors);
  }

  /** The names of the outputs. */
  public Set<String> names() {
    Set<String> names = new TreeSet<>(tensors.keySet());
    names.addAll(projections.keySet());
    return names;
  }

  /** The output with a name, or null. */
  public @Nullable Tensor find(String name) {
    Projection projection = projections.remove(name);
    if (projection != null) {
      tensors.put(name, projection.compute());
    }
    return tensors.get(name);
  }

  public Tensor get(String name) {
    Tensor tensor = find(name);
    if (tensor == null) {
      throw new ModelException(
          "This model has no output '%s'; it gives %s".formatted(name, Nearest.list(names())));
    }
    return tensor;
  }

  public Tensor logits() {
    return get("logits");
  }

  /**
   * The logits of each row's last token, [B, classes], of logits [B, S, classes]; no others are
   * computed.
   */
  public Tensor lastLogits() {
    Projection projection = projections.get("logits");
    if (projection != null) {
      return projection.last();
    }
    return Views.select(logits(), 1, logits().size(1) - 1);
  }

  /** The product behind an output; null once it is computed. */
  public @Nullable Projection projection(String name) {
    return projections.get(name);
  }
}
