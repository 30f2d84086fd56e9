// Fine-tunes the example model and predicts with it: ./jlora run examples/jshell/finetune.jsh [OUTPUT [ROWS]]

String output = arguments.isEmpty() ? "runs/finetune" : arguments.get(0);
int rows = arguments.size() < 2 ? 400 : Integer.parseInt(arguments.get(1));

var job = finetune("examples/models/bert-tiny-imdb")
    .task(sequenceClassification("negative", "positive"))
    .adapter(lora().rank(8).alpha(32).dropout(0.1).targets("query", "key", "value", "dense"))
    .data(jsonl("examples/data/reviews-train.jsonl")
        .limit(rows)
        .validation("examples/data/reviews-test.jsonl")
        .validationLimit(rows)
        .maxLength(128))
    .train(t -> t.epochs(4).batch(16).learningRate(1e-3).keepBest("accuracy").output(output).overwrite());

System.out.println(job.plan());
var run = job.run();
System.out.printf("%d steps, %s%n", run.steps(), run.evaluation());

try (var reviewer = predictor(run.adapter())) {
  for (String text : List.of("A joy from beginning to end.", "I want those two hours back.")) {
    System.out.println(reviewer.predict(text).label() + "  " + text);
  }
}
