package dev.jlora.spec;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The records that plugins contribute for their parts, by name, as needed to read a job. */
public interface SpecTypes {

  /**
   * The spec of an adapter method.
   *
   * @throws IllegalArgumentException naming the methods that exist
   */
  Class<? extends AdapterSpec> adapter(@Nullable String method);

  /**
   * The record of a part's own parameters.
   *
   * @param kind {@code optimizer}, {@code schedule} or {@code callback}
   * @return null for a part without parameters
   * @throws IllegalArgumentException naming the parts that exist
   */
  @Nullable Class<? extends Spec> parameters(String kind, String name);

  /** LoRA and these adapter methods; parts have no parameters, and their names are not checked. */
  static SpecTypes of(Map<String, Class<? extends AdapterSpec>> adapters) {
    return new KnownTypes(adapters);
  }
}
