package dev.jlora.adapters.prompt;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.InputTransform;
import dev.jlora.model.runtime.TrainingHook;
import dev.jlora.ops.Ops;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.TrainedCopies;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Virtual tokens for a network, and copies of the modules that are trained with them.
 *
 * <p>Files have only the virtual tokens. If an encoder computes them, its parameters are training
 * state ({@link TrainingHook#state}); an adapter whose file was restored without that state has the
 * file's virtual tokens.
 */
final class PromptAdapter implements Adapter {
  private final PromptPlan<?> plan;
  private final PromptEncoder encoder;
  private final Scope scope = Scope.detached();
  private final Map<String, Parameter> own = new LinkedHashMap<>();
  private final Map<String, Parameter> overrides;
  private final InputTransform inputs;
  private final PromptFile file;

  /** The virtual tokens of a file, in place of those that the encoder computes. */
  private @Nullable Tensor restored;

  PromptAdapter(Network network, PromptPlan<?> plan, PromptEncoder encoder) {
    this.plan = plan;
    this.encoder = encoder;
    try {
      requireAttention(network);
      for (OwnParameter parameter : encoder.parameters()) {
        own.put(
            parameter.name(),
            parameter.create(parameter.name(), plan.context().seed(), network.device(), scope));
      }
      this.overrides = TrainedCopies.of(network, plan.saved(), List.of(), scope);
      this.file = new PromptFile(plan, overrides);
    } catch (RuntimeException | Error failure) {
      scope.close();
      throw failure;
    }
    String taskType = plan.context().taskType();
    this.inputs =
        plan.method().isPrefix()
            ? new VirtualKeys(plan.shape(), taskType, this::tokens)
            : new VirtualInputs(plan.shape().tokens(), taskType, this::tokens);
  }

  private void requireAttention(Network network) {
    int there = network.attentions().size();
    if (plan.method().isPrefix() && plan.shape().layers() != there) {
      throw new ModelException(
          "num_layers: got %,d, expected %,d, the attention layers of %s"
              .formatted(plan.shape().layers(), there, network.architecture().name()));
    }
  }

  /** Sets the virtual tokens to the embeddings of these tokens. */
  void startFrom(Parameter table, long[] tokens) {
    try (var _ = Scope.open()) {
      Tensor rows = table.value();
      Tensor ids = Ops.to(Tensor.of(tokens, tokens.length), rows.device());
      Tensor embeddings = Functions.embedding(Tape.off(), rows, ids, -1);
      own.get(PromptEncoder.TABLE).own().copyFrom(Ops.to(embeddings, DType.FLOAT32));
    }
  }

  /** The virtual tokens of a pass. */
  private Tensor tokens(ForwardContext pass) {
    return tokens(pass.tape(), pass.training(), pass.random());
  }

  private Tensor tokens(Tape tape, boolean training, @Nullable RandomStream random) {
    if (restored != null) {
      return restored;
    }
    Map<String, Tensor> values = new LinkedHashMap<>();
    own.forEach((name, parameter) -> values.put(name, parameter.value()));
    return encoder.encode(new PromptEncoder.Run(tape, values, training, random));
  }

  @Override
  public Map<String, AdapterLayer> layers() {
    return Map.of();
  }

  @Override
  public Map<String, Parameter> overrides() {
    return Collections.unmodifiableMap(overrides);
  }

  @Override
  public List<Parameter> shared() {
    return List.copyOf(own.values());
  }

  @Override
  public InputTransform inputs() {
    return inputs;
  }

  /** Saves the encoder, which files do not contain, with checkpoints. */
  @Override
  public @Nullable TrainingHook training() {
    if (encoder.isTable()) {
      return null;
    }
    return new TrainingHook() {
      @Override
      public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        own.forEach((name, parameter) -> state.put(name, parameter.value()));
        return state;
      }

      @Override
      public void restore(Map<String, Tensor> saved) {
        restoreEncoder(saved);
      }
    };
  }

  private void restoreEncoder(Map<String, Tensor> saved) {
    own.forEach(
        (name, parameter) -> {
          Tensor value = saved.get(name);
          if (value == null) {
            throw new ModelException(
                "the checkpoint has no %s, which computes the virtual tokens; resume from another"
                    .formatted(name));
          }
          parameter.own().copyFrom(value);
        });
    forgetRestored();
  }

  private void forgetRestored() {
    if (restored != null) {
      restored.close();
      restored = null;
    }
  }

  @Override
  public void save(Path folder) {
    try (var _ = Scope.open()) {
      file.write(folder, Ops.contiguous(tokens(Tape.off(), false, null)));
    }
    plan.written().write(folder);
  }

  @Override
  public void restore(Path folder) {
    if (encoder.isTable()) {
      file.read(folder, own.get(PromptEncoder.TABLE).own());
      return;
    }
    try (var _ = Scope.open()) {
      Tensor like = tokens(Tape.off(), false, null);
      Tensor read = Tensor.emptyLike(like);
      file.read(folder, read);
      forgetRestored();
      restored = scope.adopt(read);
    }
  }

  @Override
  public void close() {
    if (!scope.closed()) {
      scope.close();
    }
  }
}
