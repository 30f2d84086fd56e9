package dev.jlora.spi;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.model.network.Network;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.spec.AdapterSpec;
import java.nio.file.Path;

/** A way to adapt a frozen network with few weights: LoRA and its kin. */
@PartKind("adapter method")
public interface AdapterMethod {

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
  Class<? extends AdapterSpec> specType();

  /**
   * What {@link #inject} would do, from names and shapes alone.
   *
   * @throws dev.jlora.model.ModelException if the spec does not fit the model, naming the nearest
   *     modules
   */
  AdapterPlan plan(ModelPlan model, AdapterSpec spec, AdapterContext context);

  /**
   * Freezes the network and attaches a fresh adapter.
   *
   * @param spec of {@link #specType}
   */
  Adaptation inject(Network network, AdapterSpec spec, AdapterContext context);

  /**
   * The spec of a saved adapter, ours or PEFT's: what {@link #inject} makes room for its weights
   * by.
   *
   * @throws dev.jlora.io.FormatException if its configuration is missing or damaged
   * @throws UnsupportedOperationException if adapters of this method cannot be trained on
   */
  default AdapterSpec read(Path folder) {
    throw new UnsupportedOperationException(
        "adapters of the method '%s' cannot be trained on".formatted(name()));
  }

  /**
   * Attaches a saved adapter, ours or PEFT's.
   *
   * @param folder with adapter_config.json and adapter_model.safetensors
   * @throws dev.jlora.io.FormatException if a file is missing, damaged, or made for another model
   */
  Adaptation load(Network network, Path folder);
}
