package dev.jlora.adapters;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.model.ModelException;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.spi.AdapterSummary;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/** Low-rank adaptation, with PEFT's options, defaults and files. */
public final class LoraMethod implements AdapterMethod<LoraSpec> {
  @Override
  public String name() {
    return LoraSpec.METHOD;
  }

  @Override
  public Class<LoraSpec> specType() {
    return LoraSpec.class;
  }

  /** Plain LoRA: PEFT writes the same type for what other keys make another method. */
  @Override
  public boolean reads(JsonNode adapterConfig) {
    return AdapterMethod.super.reads(adapterConfig) && PeftConfig.isPlain(adapterConfig);
  }

  @Override
  public AdapterPlan plan(ModelPlan model, LoraSpec spec, AdapterContext context) {
    return new Resolved(resolve(model, spec, context), context);
  }

  @Override
  public LoraSpec read(Path folder) {
    return PeftConfig.read(folder).spec();
  }

  @Override
  public AdapterPlan saved(ModelPlan model, Path folder) {
    PeftConfig config = PeftConfig.read(folder);
    AdapterContext context =
        new AdapterContext(config.taskType(), List.of(), 0, config.baseModel());
    LoraPlan plan =
        named(
            folder,
            () -> LoraPlan.read(model, config.spec(), context, LoraPlan.KEYS.modules(folder)));
    plan.unmatched()
        .forEach(
            line ->
                LoggerFactory.getLogger(LoraMethod.class)
                    .warn("{}: {}", folder.resolve(PeftConfig.FILE), line));
    return new Resolved(plan, context);
  }

  private record Resolved(LoraPlan plan, AdapterContext context) implements AdapterPlan {
    @Override
    public LoraSpec spec() {
      return plan.spec();
    }

    @Override
    public AdapterSummary summary() {
      return plan.summary();
    }

    @Override
    public Adapter create(Network network) {
      return new LoraAdapter(network, plan, context);
    }
  }

  private static LoraPlan resolve(ModelPlan model, LoraSpec spec, AdapterContext context) {
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
