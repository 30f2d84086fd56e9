package dev.jlora.adapters;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.model.ModelPlan;
import dev.jlora.model.Network;
import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spi.Adaptation;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.AdapterPlan;
import java.nio.file.Path;
import java.util.List;

/** Low-rank adaptation, with PEFT's options, defaults and files. */
public final class LoraMethod implements AdapterMethod {
  @Override
  public String name() {
    return LoraSpec.METHOD;
  }

  @Override
  public Class<? extends AdapterSpec> specType() {
    return LoraSpec.class;
  }

  /** Plain LoRA: PEFT writes the same type for what other keys make another method. */
  @Override
  public boolean reads(JsonNode adapterConfig) {
    return AdapterMethod.super.reads(adapterConfig) && PeftConfig.isPlain(adapterConfig);
  }

  @Override
  public AdapterPlan plan(ModelPlan model, AdapterSpec spec, AdapterContext context) {
    return resolve(model, (LoraSpec) spec, context).summary();
  }

  @Override
  public Adaptation inject(Network network, AdapterSpec spec, AdapterContext context) {
    return new LoraAdaptation(network, resolve(network.plan(), (LoraSpec) spec, context), context);
  }

  @Override
  public AdapterSpec read(Path folder) {
    return PeftConfig.read(folder).spec();
  }

  @Override
  public Adaptation load(Network network, Path folder) {
    PeftConfig config = PeftConfig.read(folder);
    AdapterContext context =
        new AdapterContext(config.taskType(), List.of(), 0, config.baseModel());
    Adaptation adaptation = inject(network, config.spec(), context);
    adaptation.restore(folder);
    return adaptation;
  }

  private static LoraPlan resolve(ModelPlan model, LoraSpec spec, AdapterContext context) {
    return LoraPlan.of(model, spec, context.taskType(), context.defaultTargets());
  }
}
