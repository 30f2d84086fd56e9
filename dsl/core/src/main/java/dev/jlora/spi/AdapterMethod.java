package dev.jlora.spi;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.spec.AdapterSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * An adapter method, such as LoRA: it trains a small set of weights on a frozen network. Jobs
 * select it by name, saved adapters by their {@code adapter_config.json}.
 *
 * @param <S> the record of its settings
 */
@PartKind("adapter method")
public interface AdapterMethod<S extends AdapterSpec> {

  /** The name in a job: {@code lora}. */
  String name();

  /** The {@code peft_type} in the {@code adapter_config.json} of its adapters: {@code LORA}. */
  default String peftType() {
    return name().toUpperCase(java.util.Locale.ROOT);
  }

  /**
   * Whether this method loads an adapter with this {@code adapter_config.json}; by default, any
   * with its {@link #peftType}. Methods may share a type (PEFT writes {@code LORA} for QALoRA, too,
   * and marks it by another key), but it is an error if two methods read the same file.
   *
   * @param adapterConfig the file's JSON object, not validated
   */
  default boolean reads(JsonNode adapterConfig) {
    return peftType().equals(adapterConfig.path("peft_type").asText());
  }

  /** The spec of this method: a record with a static {@code defaults()}. */
  Class<S> specType();

  /**
   * The default target modules of this method for a model type.
   *
   * @param modelType {@code model_type} of the model's configuration: {@code llama}
   * @return module names; empty uses the family's defaults, which are PEFT's for LoRA
   */
  default List<String> defaultTargets(String modelType) {
    return List.of();
  }

  /**
   * The model that the network of an adapter is built from; by default the declared one. A method
   * that changes the model itself, such as LoRA with {@code layer_replication}, returns another
   * tree. Its plans are made for that.
   *
   * @param declared as the model's family declares it
   */
  default Architecture model(Architecture declared, S spec) {
    return declared;
  }

  /** {@link #model} for a spec whose type is known only at run time. */
  default Architecture modelOf(Architecture declared, AdapterSpec spec) {
    return model(declared, specType().cast(spec));
  }

  /**
   * {@link #model} for a saved adapter. A method that overrides the one overrides the other.
   *
   * @throws dev.jlora.io.FormatException if its configuration is missing or damaged
   */
  default Architecture savedModel(Architecture declared, Path folder) {
    return declared;
  }

  /**
   * Resolves a spec for a model, before any weights are read.
   *
   * @throws dev.jlora.model.ModelException if the spec does not fit the model, naming the nearest
   *     modules
   */
  AdapterPlan plan(ModelPlan model, S spec, AdapterContext context);

  /** {@link #plan} for a spec whose type is known only at run time. */
  default AdapterPlan planOf(ModelPlan model, AdapterSpec spec, AdapterContext context) {
    return plan(model, specType().cast(spec), context);
  }

  /**
   * Plans an adapter saved by jlora or PEFT, from its {@code adapter_config.json}.
   *
   * @throws dev.jlora.io.FormatException if its configuration is missing or damaged
   */
  AdapterPlan saved(ModelPlan model, Path folder);

  /**
   * The reason why an adapter with these settings cannot be combined with others; empty if it can,
   * which requires that the update of each layer is the product of its {@link
   * dev.jlora.model.runtime.AdapterLayer#pairs pair}.
   */
  default Optional<String> combinationProblem(S spec) {
    return Optional.of(
        "an adapter of the method '%s' adds no low-rank product to the weights".formatted(name()));
  }

  /** {@link #combinationProblem} for a spec whose type is known only at run time. */
  default Optional<String> combinationProblemOf(AdapterSpec spec) {
    return combinationProblem(specType().cast(spec));
  }

  /**
   * The spec of a saved adapter, for a job that trains it further.
   *
   * @throws dev.jlora.io.FormatException if its configuration is missing or damaged
   * @throws UnsupportedOperationException if this method cannot continue the training of a saved
   *     adapter
   */
  default S read(Path folder) {
    throw new UnsupportedOperationException(
        "adapters of the method '%s' cannot be trained on".formatted(name()));
  }
}
