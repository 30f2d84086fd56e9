package dev.jlora.peft;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.model.network.Network;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.spec.TargetedSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.spi.DataPasses;
import java.nio.file.Path;
import java.util.Map;

/**
 * An adapter method that adds parameters to each target module: LoRA, IA3, DoRA, VeRA, OFT. It
 * defines the parameters and layer of one target, and its configuration keys; target selection,
 * modules to save, parameter counts and files follow PEFT's rules.
 *
 * @param <S> the record of its settings
 */
public interface TargetedMethod<S extends TargetedSpec> extends AdapterMethod<S> {

  /** The properties common to all adapters of this method. */
  MethodTraits traits();

  /**
   * A spec with the settings filled in that depend on the model, such as IA3's {@code
   * feedforward_modules}; the plan's {@link TargetedPlan#spec} and the saved file have them.
   *
   * @throws dev.jlora.model.ModelException if the model has no default for one
   */
  default S resolved(S spec, AdapterContext context) {
    return spec;
  }

  /** Applies a resolved spec to the modules of a model. */
  AdapterTargets targets(S spec);

  /**
   * Applies the spec of a saved adapter, whose file may look different from that of a new one. By
   * default as {@link #targets}.
   */
  default AdapterTargets savedTargets(S spec) {
    return targets(spec);
  }

  /**
   * The spec with which a job trains a saved adapter further. By default the job's, which has been
   * checked against the saved one.
   */
  default S continued(S job, S saved) {
    return job;
  }

  /** A plan with initial values from training data; see {@link AdapterPlan#prepared}. */
  default TargetedPlan<S> prepared(TargetedPlan<S> plan, Network network, DataPasses passes) {
    return plan;
  }

  /** Whether {@link #prepared} needs passes over the data. */
  default boolean readsData(S spec) {
    return false;
  }

  /**
   * A plan to resume a run of {@code plan}; see {@link AdapterPlan#resumed}.
   *
   * @param saved the configuration of its checkpoint
   */
  default TargetedPlan<S> resumed(TargetedPlan<S> plan, PeftConfig saved) {
    return plan;
  }

  /**
   * The spec of a saved adapter.
   *
   * @param config its configuration, with checked keys
   */
  S spec(PeftConfig config);

  /**
   * Adds the method's own keys to a configuration that has those of {@link TargetedSpec}.
   *
   * @param plan the adapter to write
   * @return {@code config} with more keys
   */
  PeftConfig config(PeftConfig config, TargetedPlan<S> plan);

  /**
   * The state of a new adapter beside its parameters; by default none.
   *
   * @param plan of the adapter
   * @param own the parameters of each target, by its path, in the order of the model
   */
  default AdapterState state(TargetedPlan<S> plan, Map<String, OwnParameters> own) {
    return AdapterState.NONE;
  }

  @Override
  default String peftType() {
    return traits().peftType();
  }

  /** Whether the file has this method's type and no key that would make it another method's. */
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
