package dev.jlora.tasks;

import dev.jlora.autograd.Tape;
import dev.jlora.data.Example;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.spi.Answer;
import dev.jlora.spi.Objective;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Single-label classification of images: cross-entropy on [B, C], evaluated by the top class and
 * the top five.
 */
record SingleImageLabel(SingleLabel classes) implements Objective {
  private static final int FEW = 5;

  @Override
  public Tensor loss(Tape tape, Outputs outputs, Map<String, Tensor> batch, double labelSmoothing) {
    return classes.loss(tape, outputs, batch, labelSmoothing);
  }

  @Override
  public long weight(Map<String, Tensor> batch, int rows) {
    return classes.weight(batch, rows);
  }

  @Override
  public PredictionCollector collector() {
    return classes.collector();
  }

  @Override
  public List<Answer> answers(Outputs outputs, Map<String, Tensor> batch, List<Example> examples) {
    return classes.answers(outputs, batch, examples);
  }

  @Override
  public List<String> defaultMetrics() {
    return classes.labels().size() > FEW
        ? List.of("accuracy", "top_5_accuracy")
        : List.of("accuracy", "f1_macro");
  }
}
