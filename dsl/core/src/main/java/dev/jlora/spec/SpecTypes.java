package dev.jlora.spec;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The records that plugins bring for their parts, by name: what reading a job needs to know. */
public interface SpecTypes {

  /**
   * The spec of an adapter method.
   *
   * @throws IllegalArgumentException saying what was got and which methods there are
   */
  Class<? extends AdapterSpec> adapter(@Nullable String method);

  /**
   * The parameters that a part has of its own.
   *
   * @param kind {@code optimizer}, {@code schedule} or {@code callback}
   * @return null for a part that has none
   * @throws IllegalArgumentException saying what was got and which parts there are
   */
  @Nullable Class<? extends Spec> parameters(String kind, String name);

  /** LoRA and these adapter methods; parts have no parameters, and their names are not checked. */
  static SpecTypes of(Map<String, Class<? extends AdapterSpec>> adapters) {
    return new KnownTypes(adapters);
  }
}
