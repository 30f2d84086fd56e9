package dev.jlora.engine.training;

import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.Tape;
import dev.jlora.data.BatchLoader;
import dev.jlora.data.BatchSampler;
import dev.jlora.data.Collator;
import dev.jlora.data.Examples;
import dev.jlora.data.HostBatch;
import dev.jlora.data.SamplerOptions;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.spi.DataPasses;
import dev.jlora.spi.Objective;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;

/** Passes over the batches of a run, before its first step. */
final class BatchPasses implements DataPasses {
  private static final String OBSERVER = "observer";

  private final Network network;
  private final Objective objective;
  private final Examples examples;
  private final Collator collator;
  private final SamplerOptions order;

  BatchPasses(
      Network network,
      Objective objective,
      Examples examples,
      Collator collator,
      SamplerOptions order) {
    this.network = network;
    this.objective = objective;
    this.examples = examples;
    this.collator = collator;
    this.order = order;
  }

  private BatchLoader loader(int epochs) {
    var sampler = new BatchSampler(examples.size(), order, examples);
    return BatchLoader.start(sampler, examples, collator, BatchLoader.Options.epochs(epochs));
  }

  @Override
  public void forward(Adapter observer, BooleanSupplier more) {
    network.attach(OBSERVER, observer);
    try (BatchLoader loader = loader(Integer.MAX_VALUE)) {
      while (more.getAsBoolean()) {
        try (HostBatch batch = loader.next();
            var _ = Scope.open()) {
          network.forward(network.place(batch.toTensors()), observed(Tape.off()));
        }
      }
    } finally {
      network.detach(OBSERVER);
    }
  }

  @Override
  public void gradients(Adapter observer, long rows, BiConsumer<Parameter, Tensor> each) {
    network.attach(OBSERVER, observer);
    try (BatchLoader loader = loader(/* epochs= */ 1)) {
      long seen = 0;
      while (seen < rows) {
        try (HostBatch batch = loader.next()) {
          if (batch == null) {
            return;
          }
          seen += batch.size();
          gradients(batch, observer, each);
        }
      }
    } finally {
      network.detach(OBSERVER);
    }
  }

  private void gradients(HostBatch batch, Adapter observer, BiConsumer<Parameter, Tensor> each) {
    try (var _ = Scope.open();
        Tape tape = Tape.recording()) {
      Map<String, Tensor> host = batch.toTensors();
      if (objective.weight(host, batch.size()) == 0) {
        return; // nothing is labelled
      }
      ForwardContext pass = observed(tape);
      Outputs outputs = network.forward(network.place(host), pass);
      Tensor loss = objective.loss(tape, outputs, pass.inputs(), /* labelSmoothing= */ 0);
      try (Gradients gradients = tape.backward(loss)) {
        for (Parameter parameter : observer.parameters()) {
          Tensor gradient = gradients.of(parameter.value());
          if (gradient != null) {
            each.accept(parameter, gradient);
          }
        }
      }
    }
  }

  private static ForwardContext observed(Tape tape) {
    return ForwardContext.recording(tape)
        .withAllTokens()
        .withAdapters(AdapterSelection.of(OBSERVER));
  }
}
