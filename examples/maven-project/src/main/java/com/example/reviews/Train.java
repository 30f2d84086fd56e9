package com.example.reviews;

import static dev.jlora.Jlora.callback;
import static dev.jlora.Jlora.finetune;
import static dev.jlora.Jlora.jsonl;
import static dev.jlora.Jlora.lora;
import static dev.jlora.Jlora.predictor;
import static dev.jlora.Jlora.sequenceClassification;

import dev.jlora.engine.training.Run;
import java.util.Map;

/** Trains on reviews with the optimizer and the callback of this project, and predicts a label. */
final class Train {
  private Train() {}

  public static void main(String[] arguments) {
    Run run =
        finetune(arguments[0])
            .task(sequenceClassification())
            .adapter(lora().rank(4).alpha(16).targets("query", "value"))
            .data(jsonl(arguments[1]).validation(arguments[1]))
            .train(
                t ->
                    t.epochs(3)
                        .batch(8)
                        .learningRate(1e-3)
                        .optimizer("lion", Map.of("memory", 0.98))
                        .output(arguments[2])
                        .overwrite())
            .callbacks(callback("csv-log", Map.of("file", "losses.csv")))
            .run();
    try (var reviewer = predictor(run.adapter())) {
      System.out.println("answer: " + reviewer.predict("a very good film").label());
    }
  }
}
