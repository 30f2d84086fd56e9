package dev.jlora.adapters.prompt;

import dev.jlora.model.ModelException;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.peft.InputEmbedding;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.SavedModules;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.spi.AdapterSummary;
import dev.jlora.tensor.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * A spec with virtual tokens resolved for one model.
 *
 * @param saved the modules trained in full
 * @param config the configuration that the adapter was read with; the defaults for a new one
 */
record PromptPlan<S extends PromptSpec>(
    PromptMethod<S> method,
    ModelPlan model,
    S spec,
    AdapterContext context,
    PromptShape shape,
    SavedModules saved,
    PeftConfig config)
    implements AdapterPlan {

  /** Resolves the spec of a job. */
  static <S extends PromptSpec> PromptPlan<S> of(
      PromptMethod<S> method,
      ModelPlan model,
      S spec,
      AdapterContext context,
      PromptShape shape,
      PeftConfig config) {
    List<String> unmatched = new ArrayList<>();
    SavedModules saved =
        SavedModules.of(model, spec.modulesToSave(), context.taskType(), unmatched);
    if (!unmatched.isEmpty()) {
      throw new ModelException(String.join("\n", unmatched));
    }
    return checked(new PromptPlan<>(method, model, spec, context, shape, saved, config));
  }

  /** Resolves a saved adapter, and warns of names in its configuration that match nothing. */
  static <S extends PromptSpec> PromptPlan<S> read(
      PromptMethod<S> method, ModelPlan model, S spec, PeftConfig config) {
    AdapterContext context =
        new AdapterContext(config.taskType(), List.of(), 0, config.baseModel());
    List<String> unmatched = new ArrayList<>();
    SavedModules saved =
        SavedModules.of(model, spec.modulesToSave(), context.taskType(), unmatched);
    unmatched.forEach(
        line -> LoggerFactory.getLogger(PromptPlan.class).warn("{}: {}", config.where(), line));
    try {
      PromptShape shape = PromptShape.saved(spec);
      return checked(new PromptPlan<>(method, model, spec, context, shape, saved, config));
    } catch (ModelException e) {
      throw new ModelException(config.where() + ": " + e.getMessage());
    }
  }

  private static <S extends PromptSpec> PromptPlan<S> checked(PromptPlan<S> plan) {
    ParameterSpec table = InputEmbedding.of(plan.model);
    long width = table.shape().get(1);
    if (!plan.method.isPrefix() && plan.shape.width() != width) {
      throw new ModelException(
          "token_dim: got %,d, expected %,d, the width of the model's embeddings (%s)"
              .formatted(plan.shape.width(), width, table.name()));
    }
    long positions = plan.model.architecture().maxPositions();
    if (positions > 0 && plan.shape.tokens() >= positions) {
      throw new ModelException(
          ("num_virtual_tokens: got %,d, and %s has positions for %,d tokens; expected fewer, which"
                  + " leave room for a text")
              .formatted(plan.shape.tokens(), plan.model.architecture().name(), positions));
    }
    return plan;
  }

  /** What training updates, apart from saved modules. */
  PromptEncoder encoder() {
    return method.encoder(spec, shape);
  }

  @Override
  public boolean trainsFurther() {
    return encoder().isTable();
  }

  @Override
  public AdapterSummary summary() {
    long own = encoder().parameters().stream().mapToLong(OwnParameter::elements).sum();
    long copies =
        saved.parameters().stream()
            .map(name -> model.architecture().tied().getOrDefault(name, name))
            .mapToLong(name -> model.parameters().get(name).elements())
            .sum();
    List<String> notes = new ArrayList<>(saved.notes());
    notes.add("%,d virtual tokens before each text".formatted(shape.tokens()));
    return new AdapterSummary(
        List.of(), saved.paths(), own + copies, model.elements() + own + copies, notes);
  }

  @Override
  public Adapter create(Network network) {
    PromptEncoder encoder = encoder();
    PromptAdapter adapter = new PromptAdapter(network, this, encoder);
    try {
      String table = InputEmbedding.of(model).name();
      long vocabulary = model.parameters().get(table).shape().getFirst();
      long[] tokens = method.startingTokens(spec, context, vocabulary);
      boolean values = network.device().kind() != Device.Kind.META; // a forecast has none
      if (tokens != null && values) {
        adapter.startFrom(network.parameter(table), tokens);
      }
      return adapter;
    } catch (RuntimeException | Error failure) {
      adapter.close();
      throw failure;
    }
  }

  /** Files have the virtual tokens, however they were computed. */
  @Override
  public Adapter read(Network network, Path folder) {
    PromptAdapter adapter = new PromptAdapter(network, this, method.stored(shape));
    try {
      adapter.restore(folder);
      return adapter;
    } catch (RuntimeException | Error failure) {
      adapter.close();
      throw failure;
    }
  }

  /** The configuration that is saved with the adapter. */
  PeftConfig written() {
    PeftConfig shared =
        config
            .with(spec.modulesToSave(), context.taskType(), context.baseModel())
            .with("num_virtual_tokens", shape.tokens())
            .with("token_dim", shape.width())
            .with("num_transformer_submodules", 1)
            .with("num_attention_heads", shape.heads())
            .with("num_layers", shape.layers());
    return method.config(shared, this);
  }
}
