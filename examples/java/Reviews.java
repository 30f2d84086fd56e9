import static dev.jlora.Jlora.*;

class Reviews {
  void main() {
    var run =
        finetune("examples/models/bert-tiny-imdb")
            .task(sequenceClassification("negative", "positive"))
            .adapter(
                lora().rank(8).alpha(32).dropout(0.1).targets("query", "key", "value", "dense"))
            .data(jsonl("examples/data/reviews-train.jsonl").maxLength(128))
            .train(t -> t.epochs(4).batch(16).learningRate(1e-3).output("runs/reviews").overwrite())
            .run();

    try (var reviewer = predictor(run.adapter())) {
      IO.println(reviewer.predict("Slow at first, then I could not look away.").label());
    }
  }
}
