package dev.jlora.adapters;

import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.spi.DataPasses;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;

/** Passes of a {@link TinyEncoder} over random batches of 8 rows of 6 tokens, the last padded. */
final class TinyPasses implements DataPasses {
  static final int ROWS = 8;
  private static final int WIDTH = 6;

  private final Network network;
  private final Random random = new Random(1);
  int batches;

  TinyPasses(Network network) {
    this.network = network;
  }

  private Map<String, Tensor> batch() {
    batches++;
    long[] ids = random.longs((long) ROWS * WIDTH, 1, 20).toArray();
    long[] mask = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      mask[i] = i % WIDTH == WIDTH - 1 ? 0 : 1;
    }
    return Map.of(
        "input_ids", Tensor.of(ids, ROWS, WIDTH), "attention_mask", Tensor.of(mask, ROWS, WIDTH));
  }

  private static ForwardContext pass(Tape tape) {
    return ForwardContext.recording(tape)
        .withAllTokens()
        .withAdapters(AdapterSelection.of("observer"));
  }

  @Override
  public void forward(Adapter observer, BooleanSupplier more) {
    network.attach("observer", observer);
    while (more.getAsBoolean()) {
      try (var _ = Scope.open()) {
        network.forward(batch(), pass(Tape.off()));
      }
    }
    network.detach("observer");
  }

  @Override
  public void gradients(Adapter observer, long rows, BiConsumer<Parameter, Tensor> each) {
    network.attach("observer", observer);
    for (long seen = 0; seen < rows; seen += ROWS) {
      try (var _ = Scope.open();
          Tape tape = Tape.recording()) {
        Tensor logits = network.forward(batch(), pass(tape)).logits();
        Tensor direction = Tensor.full(1.0 / (ROWS * 3), DType.FLOAT32, ROWS, 3);
        try (Gradients gradients = tape.backward(logits, direction)) {
          for (Parameter parameter : observer.parameters()) {
            each.accept(parameter, gradients.of(parameter.value()));
          }
        }
      }
    }
    network.detach("observer");
  }
}
