package dev.jlora.model;

import dev.jlora.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a forward pass gave, by the names Hugging Face uses: {@code last_hidden_state}, {@code
 * pooler_output}, {@code logits}, {@code start_logits}, {@code end_logits}, {@code
 * hidden_states.0..n}. The tensors belong to the scope that was open around the pass.
 */
public record Outputs(Map<String, Tensor> tensors) {
  public Outputs {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  /** The output of that name, or null. */
  public @Nullable Tensor find(String name) {
    return tensors.get(name);
  }

  public Tensor get(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new ModelException(
          "This model has no output '%s'; it gives %s".formatted(name, tensors.keySet()));
    }
    return tensor;
  }

  public Tensor logits() {
    return get("logits");
  }
}
