package dev.jlora.model;

import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One forward pass: the tape it is recorded on, whether dropout is on, the batch that goes in and
 * the outputs that layers hand out. A pass is used for one forward and by one thread.
 */
public final class Pass {
  private final Tape tape;
  private final boolean training;
  private final @Nullable RandomStream random;
  private boolean hiddenStates;
  private Map<String, Tensor> inputs = Map.of();
  private final Map<String, Tensor> outputs = new LinkedHashMap<>();
  private @Nullable Tensor attentionMask;

  private Pass(Tape tape, boolean training, @Nullable RandomStream random) {
    this.tape = tape;
    this.training = training;
    this.random = random;
  }

  /** Forward with dropout, recorded on {@code tape}; dropout draws from {@code random}. */
  public static Pass training(Tape tape, RandomStream random) {
    return new Pass(tape, true, random);
  }

  /** Forward without dropout, recorded on {@code tape}: gradients of a model in eval mode. */
  public static Pass recording(Tape tape) {
    return new Pass(tape, false, null);
  }

  /** Forward only. */
  public static Pass inference() {
    return new Pass(Tape.off(), false, null);
  }

  /** Asks for {@code hidden_states.0..n} among the outputs; returns this pass. */
  public Pass withHiddenStates() {
    hiddenStates = true;
    return this;
  }

  public Tape tape() {
    return tape;
  }

  public boolean training() {
    return training;
  }

  /** The stream dropout draws from; null when the pass is not a training pass. */
  public @Nullable RandomStream random() {
    return random;
  }

  /** The probability to drop with: {@code p} in training, 0 otherwise. */
  public double dropout(double p) {
    return training ? p : 0;
  }

  public boolean wantsHiddenStates() {
    return hiddenStates;
  }

  /** The model's input of that name, or null if the batch has none. */
  public @Nullable Tensor input(String name) {
    return inputs.get(name);
  }

  /** The model's input of that name. */
  public Tensor require(String name) {
    Tensor input = inputs.get(name);
    if (input == null) {
      throw new ModelException(
          "The batch has no '%s', which this model needs; it has %s"
              .formatted(name, inputs.keySet()));
    }
    return input;
  }

  /** Hands out a result under the name Hugging Face gives it. */
  public void output(String name, Tensor tensor) {
    outputs.put(name, tensor);
  }

  /**
   * The additive attention mask [B, 1, 1, S] of this batch, 0 where a token is seen and the lowest
   * number where it is not; null when every token is seen. Built once, before the first layer.
   */
  public @Nullable Tensor attentionMask() {
    return attentionMask;
  }

  void begin(Map<String, Tensor> batch, DType dtype) {
    inputs = batch;
    outputs.clear();
    attentionMask = AttentionMask.additive(batch.get("attention_mask"), dtype);
  }

  Outputs outputs() {
    return new Outputs(outputs);
  }
}
