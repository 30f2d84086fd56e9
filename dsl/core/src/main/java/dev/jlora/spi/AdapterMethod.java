package dev.jlora.spi;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.spec.AdapterSpec;
import java.nio.file.Path;
import java.util.List;

/**
 * A way to adapt a frozen network with few weights: LoRA and its kin. A job finds it by its name, a
 * saved adapter by its {@code adapter_config.json}.
 *
 * @param <S> its spec
 */
@PartKind("adapter method")
public interface AdapterMethod<S extends AdapterSpec> {

  /** The name in a job: {@code lora}. */
  String name();

  /** What {@code peft_type} says in the {@code adapter_config.json} of such adapters: LORA. */
  default String peftType() {
    return name().toUpperCase(java.util.Locale.ROOT);
  }

  /**
   * Whether this method loads an adapter with that {@code adapter_config.json}: one of its {@link
   * #peftType} unless a method says more. Methods may share a type (PEFT writes LORA for DoRA, too,
   * and says so in another key); two that read one file are an error.
   *
   * @param adapterConfig the file's object; nothing in it has been checked
   */
  default boolean reads(JsonNode adapterConfig) {
    return peftType().equals(adapterConfig.path("peft_type").asText());
  }

  /** The spec of this method: a record with a static {@code defaults()}. */
  Class<S> specType();

  /**
   * The targets of this method on a family of models, for a spec that names none.
   *
   * @param modelType {@code model_type} of the model's configuration: {@code llama}
   * @return empty for those that the family says, which are PEFT's for LoRA
   */
  default List<String> defaultTargets(String modelType) {
    return List.of();
  }

  /**
   * Resolves a spec for a model, before any weight is read.
   *
   * @throws dev.jlora.model.ModelException if the spec does not fit the model, naming the nearest
   *     modules
   */
  AdapterPlan plan(ModelPlan model, S spec, AdapterContext context);

  /** {@link #plan} for a spec that was found by this method's name. */
  default AdapterPlan planOf(ModelPlan model, AdapterSpec spec, AdapterContext context) {
    return plan(model, specType().cast(spec), context);
  }

  /**
   * The plan of a saved adapter, ours or PEFT's, as its {@code adapter_config.json} says it.
   *
   * @throws dev.jlora.io.FormatException if its configuration is missing or damaged
   */
  AdapterPlan saved(ModelPlan model, Path folder);

  /**
   * The spec of a saved adapter, for a job that trains it further.
   *
   * @throws dev.jlora.io.FormatException if its configuration is missing or damaged
   * @throws UnsupportedOperationException if adapters of this method cannot be trained on
   */
  default S read(Path folder) {
    throw new UnsupportedOperationException(
        "adapters of the method '%s' cannot be trained on".formatted(name()));
  }
}
