package dev.jlora.spec;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Spec types without plugins: LoRA, and those of a map. */
record KnownTypes(Map<String, Class<? extends AdapterSpec>> adapters) implements SpecTypes {
  KnownTypes {
    Map<String, Class<? extends AdapterSpec>> all = new HashMap<>(adapters);
    all.putIfAbsent(LoraSpec.METHOD, LoraSpec.class);
    adapters = Map.copyOf(all);
  }

  @Override
  public Class<? extends AdapterSpec> adapter(@Nullable String method) {
    Class<? extends AdapterSpec> type = method == null ? null : adapters.get(method);
    if (type == null) {
      throw new IllegalArgumentException(
          "got %s, expected one of %s"
              .formatted(
                  method == null ? "nothing" : "'" + method + "'",
                  Nearest.list(String.valueOf(method), adapters.keySet())));
    }
    return type;
  }

  @Override
  public @Nullable Class<? extends Spec> parameters(String kind, String name) {
    return null;
  }
}
