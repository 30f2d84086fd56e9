package dev.jlora.adapters;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.model.ModelException;
import dev.jlora.model.network.Network;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spi.Adaptation;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.AdapterPlan;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

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
    return plan(model, (LoraSpec) spec, context).summary();
  }

  @Override
  public Adaptation inject(Network network, AdapterSpec spec, AdapterContext context) {
    return new LoraAdaptation(network, plan(network.plan(), (LoraSpec) spec, context), context);
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
    LoraPlan plan =
        named(
            folder,
            () ->
                LoraPlan.read(
                    network.plan(), config.spec(), context, LoraPlan.KEYS.modules(folder)));
    plan.unmatched()
        .forEach(
            line ->
                LoggerFactory.getLogger(LoraMethod.class)
                    .warn("{}: {}", folder.resolve(PeftConfig.FILE), line));
    Adaptation adaptation = new LoraAdaptation(network, plan, context);
    adaptation.restore(folder);
    return adaptation;
  }

  private static LoraPlan plan(ModelPlan model, LoraSpec spec, AdapterContext context) {
    Path start = context.start();
    return start == null
        ? LoraPlan.of(model, spec, context)
        : named(
            start,
            () ->
                LoraPlan.started(
                    model,
                    spec,
                    PeftConfig.read(start).spec(),
                    context,
                    LoraPlan.KEYS.modules(start)));
  }

  /** A plan whose failures name the configuration that they come from. */
  private static LoraPlan named(Path folder, Supplier<LoraPlan> plan) {
    try {
      return plan.get();
    } catch (ModelException e) {
      throw new ModelException(folder.resolve(PeftConfig.FILE) + ": " + e.getMessage());
    }
  }
}
