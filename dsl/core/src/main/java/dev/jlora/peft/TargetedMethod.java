package dev.jlora.peft;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.spec.TargetedSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.AdapterPlan;
import java.nio.file.Path;

/**
 * An adapter method that puts a few parameters on each of its targets: LoRA, IA3, DoRA, VeRA, OFT.
 * It says what one target gets and which keys its configuration has; targets, modules to save,
 * counts and files follow PEFT's rules.
 *
 * @param <S> its spec
 */
public interface TargetedMethod<S extends TargetedSpec> extends AdapterMethod<S> {

  /** What all adapters of this method have in common. */
  MethodTraits traits();

  /** What a spec puts on the modules of a model. */
  AdapterTargets targets(S spec);

  /**
   * The spec of a saved adapter.
   *
   * @param config its configuration, whose keys have been found to be this method's
   */
  S spec(PeftConfig config);

  /**
   * Writes the method's own keys; those of {@link TargetedSpec} are there already.
   *
   * @param plan the adapter to write
   * @return {@code config} with more keys
   */
  PeftConfig config(PeftConfig config, TargetedPlan<S> plan);

  @Override
  default String peftType() {
    return traits().peftType();
  }

  /** An adapter of this type without a key that makes it another method's. */
  @Override
  default boolean reads(JsonNode adapterConfig) {
    return peftType().equals(adapterConfig.path("peft_type").asText())
        && PeftConfig.refused(adapterConfig, traits()).isEmpty();
  }

  @Override
  default TargetedPlan<S> plan(ModelPlan model, S spec, AdapterContext context) {
    return TargetedPlan.of(this, model, spec, context);
  }

  @Override
  default AdapterPlan saved(ModelPlan model, Path folder) {
    return TargetedPlan.read(this, model, folder);
  }

  @Override
  default S read(Path folder) {
    return PeftConfig.read(folder, traits()).spec(this::spec);
  }
}
