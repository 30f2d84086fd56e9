package dev.jlora.tasks;

import dev.jlora.autograd.Tape;
import dev.jlora.data.Example;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.spi.Answer;
import dev.jlora.spi.Objective;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One vector per sequence, pooled from the last hidden states [B, S, hidden]. */
record FeatureVectors(Pooling pooling) implements Objective {
  /** How the hidden states of a sequence become one vector. */
  enum Pooling {
    MEAN,
    FIRST_TOKEN,
    LAST_TOKEN
  }

  @Override
  public List<Answer> answers(Outputs outputs, Map<String, Tensor> batch, List<Example> examples) {
    Tensor hidden = Ops.to(outputs.get("last_hidden_state"), DType.FLOAT32);
    Tensor mask = Rows.mask(batch, hidden.size(1));
    Tensor pooled =
        switch (pooling) {
          case MEAN -> mean(hidden, mask);
          case FIRST_TOKEN -> Views.select(hidden, 1, 0);
          case LAST_TOKEN -> last(hidden, mask);
        };
    float[] values = pooled.toFloats();
    int width = Math.toIntExact(pooled.size(-1));
    var answers = new ArrayList<Answer>();
    for (int start = 0; start < values.length; start += width) {
      var vector = new ArrayList<Float>(width);
      for (int i = start; i < start + width; i++) {
        vector.add(values[i]);
      }
      answers.add(Answer.of(vector));
    }
    return answers;
  }

  @Override
  public boolean readsAllTokens() {
    return true;
  }

  /** [B, hidden]: the mean over the tokens with mask 1 [B, S]; over all tokens without a mask. */
  private static Tensor mean(Tensor hidden, @Nullable Tensor mask) {
    if (mask == null) {
      return Reduce.mean(hidden, false, 1);
    }
    Tensor seen = Views.unsqueeze(Ops.to(mask, DType.FLOAT32), -1);
    Tensor count = Ops.clampMin(Reduce.sum(seen, false, 1), 1);
    return Ops.div(Reduce.sum(Ops.mul(hidden, seen), false, 1), count);
  }

  /** [B, hidden]: the last token with mask 1 [B, S]; the last token without a mask. */
  private static Tensor last(Tensor hidden, @Nullable Tensor mask) {
    long length = hidden.size(1);
    if (mask == null) {
      return Views.select(hidden, 1, length - 1);
    }
    long[] seen = mask.toLongs();
    Tensor[] rows = new Tensor[Math.toIntExact(hidden.size(0))];
    for (int row = 0; row < rows.length; row++) {
      long last = length - 1;
      while (last > 0 && seen[Math.toIntExact(row * length + last)] == 0) {
        last--;
      }
      rows[row] = Views.select(Views.select(hidden, 0, row), 0, last);
    }
    return Ops.stack(0, rows);
  }

  @Override
  public Tensor loss(Tape tape, Outputs outputs, Map<String, Tensor> batch, double labelSmoothing) {
    throw noLoss();
  }

  @Override
  public PredictionCollector collector() {
    throw noLoss();
  }

  @Override
  public List<String> defaultMetrics() {
    return List.of();
  }

  private static UnsupportedOperationException noLoss() {
    return new UnsupportedOperationException(
        "feature extraction: there is no loss for training or evaluation; train another task"
            + " (masked-lm needs no labels) and use the vectors of that model");
  }
}
